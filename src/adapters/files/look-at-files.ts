import { lstatSync } from 'node:fs';
import type { BigIntStats, Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { systemCode } from './system-error.ts';

/** Looked at without a pause, for the others in this process. */
const TURN_MS = 2;
/** A look that takes longer had to wait for the disk, or for others. */
const QUICK_MS = 4;
/** By way of the thread pool. */
const AT_ONCE = 64;

/** Tells in milliseconds what was quick. */
type Clock = () => number;

/**
 * What each of these files is, in their order; undefined where there is none.
 *
 * The system nearly always remembers, and then a look takes 2 µs, but six times that by way of the thread pool, which
 * a stream of a thousand parts would wait for. So they are looked at here and now, a little at a time. After one that
 * the disk was asked for, the next go through the pool, so that nobody else waits for the disk for long.
 */
export function lookAtFiles(paths: readonly string[], clock?: Clock): Promise<(Stats | undefined)[]> {
  const now = (path: string) => lstatSync(path, { throwIfNoEntry: false });
  return lookAll(paths, now, (path) => lstat(path), clock);
}

/** The same, to the nanosecond. */
export function lookExactly(paths: readonly string[], clock?: Clock): Promise<(BigIntStats | undefined)[]> {
  const bigint = true;
  const now = (path: string) => lstatSync(path, { bigint, throwIfNoEntry: false });
  return lookAll(paths, now, (path) => lstat(path, { bigint }), clock);
}

async function lookAll<Found>(
  paths: readonly string[],
  now: (path: string) => Found | undefined,
  byPool: (path: string) => Promise<Found>,
  clock: Clock = () => performance.now(),
): Promise<(Found | undefined)[]> {
  const found: (Found | undefined)[] = [];
  while (found.length < paths.length) {
    const turnStartMs = clock();
    let nowMs = turnStartMs;
    let isQuick = true;
    while (found.length < paths.length && isQuick && nowMs - turnStartMs < TURN_MS) {
      found.push(unlessAbsent(now, paths[found.length] ?? ''));
      const startMs = nowMs;
      nowMs = clock();
      isQuick = nowMs - startMs <= QUICK_MS;
    }
    if (isQuick) {
      if (found.length < paths.length) await setImmediate();
    } else {
      const next = paths.slice(found.length, found.length + AT_ONCE);
      found.push(...(await Promise.all(next.map((path) => byPool(path).catch(absentOrThrow)))));
    }
  }
  return found;
}

function unlessAbsent<Found>(look: (path: string) => Found, path: string): Found | undefined {
  try {
    return look(path);
  } catch (error) {
    return absentOrThrow(error);
  }
}

function absentOrThrow(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
}
