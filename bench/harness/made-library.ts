import { createHash } from 'node:crypto';
import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteAudioFileStore } from '../../src/adapters/sqlite/sqlite-audio-file-store.ts';
import { inChunks, makeFrames } from '../../src/audio/fixtures/synthetic-mp3.ts';
import { encodeFrameIndex } from '../../src/audio/frame-index.ts';
import { framesToMs } from '../../src/audio/frame-pace.ts';
import { scanMp3 } from '../../src/audio/mp3-scan.ts';
import { describePlayable, renderPlayable } from '../../src/audio/playable.ts';
import type { AudioFile, PlayablePart } from '../../src/domain/audio-file.ts';
import { frameIndexKey } from '../../src/domain/object-key.ts';
import { audioFile } from '../../test/sample-records.ts';

/** One part that all that is made shares the bytes of: 20 s of frames. */
const FRAMES = 766;

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
  const frames = makeFrames(FRAMES);
  const scan = await scanMp3(inChunks(frames));
  if (scan === null) throw new Error('These frames are no MP3.');
  const bytes = Buffer.concat(
    await Array.fromAsync(renderPlayable(inChunks(frames), scan, { gainSteps: 0 })),
  );
  const shape = describePlayable(scan);
  const [source, index] = [join(objects, 'playable', 'made'), join(objects, 'index', 'made')];
  await writeFile(source, bytes);
  await writeFile(index, encodeFrameIndex(scan.index));
  const db = openDatabase(join(dataDir, 'earshot.db'));
  // A commit for each record is flushed in a second that nobody measures.
  db.prepare('PRAGMA synchronous = OFF').run();
  const store = openSqliteAudioFileStore(db);

  const partOf = (filename: string): PlayablePart => {
    const sha256 = createHash('sha256').update(filename).digest('hex');
    return { ...shape, key: `playable/${sha256}.mp3`, sha256, profileVersion: 1, gainSteps: 0 };
  };
  return {
    async add(count, prefix, describe = () => ({})) {
      const names = Array.from({ length: count }, (_, number) => `${prefix}-${number}.mp3`);
      for (const [number, filename] of names.entries()) {
        const durationMs = framesToMs(FRAMES, shape);
        await store.create(
          audioFile(filename, { part: partOf(filename), title: filename, durationMs, ...describe(number) }),
        );
      }
      return names;
    },
    async addParts(filenames) {
      for (const { key, sha256 } of filenames.map(partOf)) {
        await link(source, join(objects, key));
        await link(index, join(objects, frameIndexKey(sha256)));
      }
    },
    part: partOf('any'),
    close: () => db.close(),
  };
}

/** A stream, as the program would have saved it. */
export async function writeStream(dataDir: string, name: string, files: readonly string[]): Promise<void> {
  await mkdir(join(dataDir, 'streams'), { recursive: true });
  await writeFile(join(dataDir, 'streams', `${name}.json`), JSON.stringify({ name, files, loop: false }));
}
