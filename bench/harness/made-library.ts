import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import type { AudioFile, PlayablePart } from '../../src/domain/audio-file.ts';
import { frameIndexKey } from '../../src/domain/object-key.ts';
import { audioFile } from '../../test/sample-records.ts';
import { makePart } from './made-part.ts';

export interface MadeLibrary {
  /**
   * Records that are ready, straight into the database of a home; `describe` may say more of each.
   * @returns their names, in order
   */
  add(count: number, prefix: string, describe?: (number: number) => Partial<AudioFile>): Promise<string[]>;
  /** Puts the parts of these and their indices into the store, each under keys of its own: hard links of two files. */
  addParts(filenames: readonly string[]): Promise<void>;
  readonly part: PlayablePart;
  close(): void;
}

/** Fills the data directory of a home without its program: thousands of uploads would take hours. */
export async function openMadeLibrary(dataDir: string): Promise<MadeLibrary> {
  const objects = join(dataDir, 'audio_files');
  for (const room of ['playable', 'index']) await mkdir(join(objects, room), { recursive: true });
  const made = await makePart();
  const [source, index] = [join(objects, 'playable', 'made'), join(objects, 'index', 'made')];
  await writeFile(source, made.bytes);
  await writeFile(index, made.index);
  const db = openDatabase(join(dataDir, 'earshot.db'));
  // A commit for each record is flushed in a second that nobody measures.
  db.prepare('PRAGMA synchronous = OFF').run();
  const store = openSqliteAudioFileStore(db);

  return {
    async add(count, prefix, describe = () => ({})) {
      const names = Array.from({ length: count }, (_, number) => `${prefix}-${number}.mp3`);
      for (const [number, filename] of names.entries()) {
        await store.create(
          audioFile(filename, {
            part: made.named(filename),
            title: filename,
            durationMs: made.durationMs,
            ...describe(number),
          }),
        );
      }
      return names;
    },
    async addParts(filenames) {
      for (const { key, sha256 } of filenames.map(made.named)) {
        await link(source, join(objects, key));
        await link(index, join(objects, frameIndexKey(sha256)));
      }
    },
    part: made.named('any'),
    close: () => db.close(),
  };
}

/** A stream, as the program would have saved it. */
export async function writeStream(dataDir: string, name: string, files: readonly string[]): Promise<void> {
  await mkdir(join(dataDir, 'streams'), { recursive: true });
  await writeFile(join(dataDir, 'streams', `${name}.json`), JSON.stringify({ name, files, loop: false }));
}
