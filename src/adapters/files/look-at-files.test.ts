import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lookAtFiles, lookExactly } from './look-at-files.ts';

let directory: string;
let paths: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-'));
  paths = Array.from({ length: 100 }, (_, number) => join(directory, String(number)));
  for (const [number, path] of paths.entries())
    if (number % 4 !== 0) await writeFile(path, 'x'.repeat(number));
});
afterEach(() => rm(directory, { recursive: true }));

/** Clocks by how much passes from one look at them to the next: quick looks, turns that end, a slow disk. */
it.each([0, 1, 10])('tells what each file is, where a look takes %d ms', async (stepMs) => {
  let nowMs = 0;
  const found = await lookAtFiles(paths, () => (nowMs += stepMs));
  expect(found.map((stats) => stats?.size)).toEqual(
    paths.map((_, number) => (number % 4 === 0 ? undefined : number)),
  );
  const exactly = await lookExactly(paths, () => (nowMs += stepMs));
  expect(exactly.map((stats) => stats && [stats.ino, stats.size])).toEqual(
    found.map((stats) => stats && [BigInt(stats.ino), BigInt(stats.size)]),
  );
});

it.each([0, 10])('throws what is wrong with a path, where a look takes %d ms', async (stepMs) => {
  let nowMs = 0;
  const looking = lookAtFiles([...paths, join(directory, 'x'.repeat(300))], () => (nowMs += stepMs));
  await expect(looking).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  expect(await lookAtFiles([join(paths[1] ?? '', 'below-a-file')], () => (nowMs += stepMs))).toEqual([
    undefined,
  ]);
});
