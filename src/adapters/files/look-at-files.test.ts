import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createExactFileLook, createFileLook, createLook } from './look-at-files.ts';

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
  const found = await createFileLook(() => (nowMs += stepMs))(paths);
  expect(found.map((stats) => stats?.size)).toEqual(
    paths.map((_, number) => (number % 4 === 0 ? undefined : number)),
  );
  const exactly = await createExactFileLook(() => (nowMs += stepMs))(paths);
  expect(exactly.map((stats) => stats && [stats.ino, stats.size])).toEqual(
    found.map((stats) => stats && [BigInt(stats.ino), BigInt(stats.size)]),
  );
});

it.each([0, 10])('throws what is wrong with a path, where a look takes %d ms', async (stepMs) => {
  let nowMs = 0;
  const lookAt = createFileLook(() => (nowMs += stepMs));
  const looking = lookAt([...paths, join(directory, 'x'.repeat(300))]);
  await expect(looking).rejects.toMatchObject({ code: 'ENAMETOOLONG' });
  expect(await lookAt([join(paths[1] ?? '', 'below-a-file')])).toEqual([undefined]);
});

describe('looks that are slow', () => {
  let nowMs: number;
  /** What a look takes, by the way it goes. */
  let lookMs: { now: number; byPool: number };
  /** How often this process has come round before the pool is heard of. */
  let turnsOfPool: number;
  let waysOf: (count: number) => Promise<string>;

  beforeEach(() => {
    nowMs = 0;
    lookMs = { now: 0, byPool: 0 };
    turnsOfPool = 3;
    const look = (way: keyof typeof lookMs) => {
      nowMs += lookMs[way];
      return way;
    };
    const byPool = async () => {
      for (let turn = 0; turn < turnsOfPool; turn += 1) await setImmediate();
      return look('byPool');
    };
    const lookAt = createLook({ now: () => look('now'), byPool }, () => nowMs);
    waysOf = async (count) => (await lookAt(Array.from({ length: count }, () => 'path'))).join(' ');
  });

  it('go through the pool, from one call to the next, until they were quick there for a second', async () => {
    expect(await waysOf(2)).toBe('now now');
    lookMs = { now: 50, byPool: 50 };
    // The one look that this process waited for.
    expect(await waysOf(3)).toBe('now byPool byPool');
    for (let call = 0; call < 100; call += 1) expect(await waysOf(1)).toBe('byPool');
    // However long nobody looks: a disk that slept is slow.
    nowMs += 60_000;
    expect(await waysOf(1)).toBe('byPool');
    lookMs = { now: 0, byPool: 0 };
    nowMs += 999;
    expect(await waysOf(2)).toBe('byPool byPool');
    nowMs += 1;
    expect(await waysOf(1)).toBe('byPool');
    expect(await waysOf(2)).toBe('now now');
  });

  it('were not the disk where this process was busy and could not hear of them', async () => {
    lookMs = { now: 50, byPool: 0 };
    expect(await waysOf(1)).toBe('now');
    lookMs = { now: 0, byPool: 50 };
    turnsOfPool = 1;
    expect(await waysOf(1)).toBe('byPool');
    expect(await waysOf(2)).toBe('now now');
  });

  it('were not the disk where the pool is quick', async () => {
    lookMs = { now: 50, byPool: 0 };
    expect(await waysOf(1)).toBe('now');
    expect(await waysOf(1)).toBe('byPool');
    lookMs = { now: 0, byPool: 0 };
    expect(await waysOf(2)).toBe('now now');
  });
});
