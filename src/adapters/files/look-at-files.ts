import { lstatSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { systemCode } from './system-error.ts';

/** Looked at without a pause, for the others in this process. */
const TURN_MS = 2;
/** A look that takes longer had to wait for the disk. */
const QUICK_MS = 4;
const AT_ONCE = 32;

/**
 * What each of these files is, in their order; undefined where there is none.
 *
 * The system nearly always remembers, and then a look takes 2 µs, but six times that by way of the thread pool, which
 * a stream of a thousand parts would wait for. So they are looked at here and now, a little at a time, until the
 * first that the disk is asked for: the pool does the rest, and nobody else waits for the disk.
 *
 * @param clock in milliseconds, tells what was quick
 */
export async function lookAtFiles(
  paths: readonly string[],
  clock: () => number = () => performance.now(),
): Promise<(Stats | undefined)[]> {
  const found: (Stats | undefined)[] = [];
  let startMs = clock();
  let turnEndMs = startMs + TURN_MS;
  for (const path of paths) {
    found.push(lookNow(path));
    const nowMs = clock();
    if (nowMs - startMs > QUICK_MS) break;
    startMs = nowMs;
    if (nowMs < turnEndMs) continue;
    await setImmediate();
    startMs = clock();
    turnEndMs = startMs + TURN_MS;
  }
  const rest = paths.entries().drop(found.length);
  const lookOn = async (): Promise<void> => {
    for (const [place, path] of rest) found[place] = await lstat(path).catch(unlessAbsent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lookOn));
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
