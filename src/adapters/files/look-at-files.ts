import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { systemCode } from './system-error.ts';

/** Looked at without a pause, for the others in this process. */
const TURN_MS = 2;
/** A look that takes longer had to wait for the disk, or for others. */
const QUICK_MS = 4;
/** By way of the thread pool. */
const AT_ONCE = 64;

/**
 * What each of these files is, in their order; undefined where there is none.
 *
 * The system nearly always remembers, and then a look takes 2 µs, but six times that by way of the thread pool, which
 * a stream of a thousand parts would wait for. So they are looked at here and now, a little at a time. After one that
 * the disk was asked for, the next go through the pool, so that nobody else waits for the disk for long.
 *
 * @param clock in milliseconds, tells what was quick
 */
export async function lookAtFiles(
  paths: readonly string[],
  clock: () => number = () => performance.now(),
): Promise<(Stats | undefined)[]> {
  const found: (Stats | undefined)[] = [];
  while (found.length < paths.length) {
    const turnStartMs = clock();
    let nowMs = turnStartMs;
    let isQuick = true;
    while (found.length < paths.length && isQuick && nowMs - turnStartMs < TURN_MS) {
      found.push(lookNow(paths[found.length] ?? ''));
      const startMs = nowMs;
      nowMs = clock();
      isQuick = nowMs - startMs <= QUICK_MS;
    }
    if (isQuick) {
      await setImmediate();
    } else {
      const next = paths.slice(found.length, found.length + AT_ONCE);
      found.push(...(await Promise.all(next.map((path) => lstat(path).catch(unlessAbsent)))));
    }
  }
  return found;
}

function lookNow(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return unlessAbsent(error);
  }
}

function unlessAbsent(error: unknown): undefined {
  if (!['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
}
