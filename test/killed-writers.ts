import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openDirectoryObjectStore } from '../src/adapters/files/directory-object-store.ts';
import { openFileStreamStore } from '../src/adapters/files/file-stream-store.ts';
import { silentLog } from './silent-log.ts';

const moduleUrl = (path: string): string => JSON.stringify(new URL(`../${path}`, import.meta.url).href);

/** Writes version after version of one definition and one object, of very different lengths, until it is killed. */
const WRITER = `
import { openDirectoryObjectStore } from ${moduleUrl('src/adapters/files/directory-object-store.ts')};
import { openFileStreamStore } from ${moduleUrl('src/adapters/files/file-stream-store.ts')};
import { silentLog } from ${moduleUrl('test/silent-log.ts')};
const [dir, root, first] = process.argv.slice(2);
const streams = await openFileStreamStore({ dir, clock: Date.now, log: silentLog });
const objects = await openDirectoryObjectStore({ root });
for (let version = Number(first); ; version += 1) {
  const files = new Array(1 + (version * 997) % 4000).fill(version + '.mp3');
  await streams.save({ tenantId: 'default', name: 'saga', title: String(files.length), files, playMode: 'loop', persistence: 'permanent' });
  const chunk = new Uint8Array(100_000).fill(version % 256);
  await objects.write('index/x', new Array(1 + version % 10).fill(chunk));
  process.stdout.write(version + '\\n');
}
`;

export interface KilledWriters {
  /** Starts a writer and kills it with SIGKILL at a random moment. @returns the last version that it said was saved */
  killOne(): Promise<number>;
  /** @returns the version of the definition and the fill of the object. @throws when either is not whole */
  readState(): Promise<{ readonly version: number; readonly fill: number }>;
  /** Files that are neither the definition nor the object. */
  leftovers(): Promise<string[]>;
}

export async function startKilledWriters(home: string): Promise<KilledWriters> {
  const script = join(home, 'writer.ts');
  const dir = join(home, 'streams');
  const root = join(home, 'objects');
  await mkdir(dir);
  await writeFile(script, WRITER);
  let version = 1;

  return {
    async killOne() {
      const writer = spawn(process.execPath, [script, dir, root, String(version)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      writer.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const exited = once(writer, 'exit');
      await Promise.race([once(writer.stdout, 'data'), exited]);
      if (writer.exitCode !== null) throw new Error(`The writer ended by itself with ${writer.exitCode}.`);
      await delay(Math.random() * 40);
      writer.kill('SIGKILL');
      await exited;
      const saved = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
      version = saved + 1;
      return saved;
    },

    async readState() {
      const text = await readFile(join(dir, 'saga.json'), 'utf8');
      const { files, title } = JSON.parse(text) as { files: string[]; title: string };
      if (String(files.length) !== title || new Set(files).size !== 1)
        throw new Error('The definition is mixed.');
      const streams = await openFileStreamStore({ dir, clock: Date.now, log: silentLog });
      if ((await streams.find('default', 'saga'))?.files.length !== files.length)
        throw new Error('It does not load.');
      const bytes = await readFile(join(root, 'index/x'));
      const fill = bytes[0] ?? -1;
      if (bytes.length % 100_000 !== 0 || bytes.some((byte) => byte !== fill))
        throw new Error('The object is mixed.');
      return { version: Number.parseInt(files[0] ?? '', 10), fill };
    },

    async leftovers() {
      await openDirectoryObjectStore({ root });
      const objects = await readdir(root, { recursive: true, withFileTypes: true });
      const names = objects.filter((entry) => entry.isFile()).map(({ name }) => name);
      const definitions = (await readdir(dir)).filter((name) => !name.startsWith('.'));
      return [...names, ...definitions].filter((name) => name !== 'x' && name !== 'saga.json');
    },
  };
}
