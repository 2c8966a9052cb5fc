import type * as FileSystem from 'node:fs/promises';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDirectoryObjectStore } from './directory-object-store.ts';
import { openLibraryFolder } from './library-folder.ts';

// Two file systems, and one without links, are not to be had in a test: the system's answers are.
vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FileSystem>();
  const refuse = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  return {
    ...original,
    rename: (from: string, to: string) =>
      basename(from) === 'elsewhere' ? refuse('EXDEV') : original.rename(from, to),
    link: (from: string, to: string) =>
      from.includes('linkless') ? refuse('EPERM') : original.link(from, to),
  };
});

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'earshot-'));
});

afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

it('takes a file over that cannot be renamed into the store', async () => {
  const tempDir = join(home, 'tmp');
  await mkdir(tempDir);
  const store = await openDirectoryObjectStore({ root: join(home, 'objects'), tempDir });
  const path = join(home, 'elsewhere');
  await writeFile(path, 'audio', { mode: 0o600 });
  await expect(rename(path, join(home, 'x'))).rejects.toMatchObject({ code: 'EXDEV' });
  expect(await store.takeFile('playable/x.mp3', path)).toMatchObject({ sizeBytes: 5 });
  const taken = join(home, 'objects', 'playable/x.mp3');
  expect(await readFile(taken, 'utf8')).toBe('audio');
  expect((await stat(taken)).mode & 0o777).toBe(0o444);
  expect(await readdir(home)).toEqual(['objects', 'tmp']);
  expect(await readdir(tempDir)).toEqual([]);
});

it('copies, lends and publishes where there are no links', async () => {
  const root = join(home, 'linkless');
  const store = await openDirectoryObjectStore({ root });
  await store.write('uploads/x', [new TextEncoder().encode('audio')]);
  await expect(link(join(root, 'uploads/x'), join(root, 'y'))).rejects.toMatchObject({ code: 'EPERM' });
  await store.copy('uploads/x', 'playable/x.mp3');
  await store.write('playable/y.mp3', [new TextEncoder().encode('other')]);
  expect(await store.withLocalFile('uploads/x', (path) => readFile(path, 'utf8'))).toBe('audio');
  await expect(store.withLocalFile('uploads/none', async () => 1)).rejects.toMatchObject({
    code: 'not_found',
  });

  const warnings: string[] = [];
  const ignore = (): void => undefined;
  const log = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (_: unknown, message: string) => void warnings.push(message),
  };
  let nowMs = 0;
  const open = () => openLibraryFolder({ root, clock: () => nowMs, log });
  let folder = await open();
  expect(await folder.publish('default', 'story.mp3', 'playable/x.mp3')).toBe(true);
  expect((await stat(join(root, 'story.mp3'))).nlink).toBe(1);
  folder = await open();
  await folder.listDropped();
  nowMs += 10_000;
  expect(await folder.listDropped()).toEqual([]);
  expect(await folder.publish('default', 'story.mp3', 'playable/y.mp3')).toBe(true);
  expect(await readFile(join(root, 'story.mp3'), 'utf8')).toBe('other');
  folder = await open();
  await folder.withdraw('default', 'story.mp3');
  expect((await readdir(root)).sort()).toEqual(['.copies', '.tmp', 'playable', 'uploads']);
  await writeFile(join(root, 'story.mp3'), 'mine');
  expect(await folder.publish('default', 'story.mp3', 'playable/y.mp3')).toBe(false);
  // Once for each of the two processes that had to copy.
  expect(warnings).toHaveLength(2);
});
