import { lstatSync } from 'node:fs';
import type { BigIntStats, Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemCode } from './system-error.ts';

/** Looked at without a pause, for the others in this process. */
const TURN_MS = 2;
/** A look that takes longer had to wait for the disk, or for others. */
const QUICK_MS = 4;
/** By way of the thread pool. */
const AT_ONCE = 64;
/** Of the pool, unless somebody asks for more. */
const POOL_THREADS = 4;
/** Once the pool was slow too, looks must be quick there for so long before this process waits for one again. */
const DOUBT_MS = 1000;

/** What each of these files is, in their order; undefined where there is none. */
export type LookAtFiles<Found> = (paths: readonly string[]) => Promise<(Found | undefined)[]>;

/** The two ways to look at one file. Both throw ENOENT or ENOTDIR, or give undefined, where there is none. */
export interface Looks<Found> {
  readonly now: (path: string) => Found | undefined;
  readonly byPool: (path: string) => Promise<Found | undefined>;
}

/** Tells in milliseconds what was quick. */
type Clock = () => number;

/** One for each directory that may be on a disk of its own. */
export const createFileLook = (clock?: Clock): LookAtFiles<Stats> => {
  const options = { throwIfNoEntry: false };
  return createLook({ now: (path) => lstatSync(path, options), byPool: (path) => lstat(path) }, clock);
};

/** The same, to the nanosecond. */
export const createExactFileLook = (clock?: Clock): LookAtFiles<BigIntStats> => {
  const options = { bigint: true, throwIfNoEntry: false } as const;
  return createLook(
    { now: (path) => lstatSync(path, options), byPool: (path) => lstat(path, options) },
    clock,
  );
};

/**
 * The system nearly always remembers what a file is, and then a look takes 2 µs, but six times that by way of the thread
 * pool, which a stream of a thousand parts would wait for. So files are looked at here and now, a little at a time. After
 * a slow look the next go through the pool: it was the disk if they are slow there too, else this process had no
 * processor. On a slow disk, or one at the other end of a network, all looks go through the pool until they have been
 * quick for a second, so that nobody else waits for it. Where this process has its hands full, what comes from the pool
 * waits for it, too; that is no fault of the disk's, and does not count.
 */
export function createLook<Found>(
  looks: Looks<Found>,
  clock: Clock = () => performance.now(),
): LookAtFiles<Found> {
  /** Until then looks go through the pool, and on until one is quick there; null while they are trusted to be. */
  let doubtUntilMs: number | null = null;

  /** A turn's worth of looks, or up to the first that was slow. */
  function lookNow(paths: readonly string[], found: (Found | undefined)[]): void {
    const turnStartMs = clock();
    let nowMs = turnStartMs;
    while (found.length < paths.length && nowMs - turnStartMs < TURN_MS) {
      found.push(unlessAbsent(looks.now, paths[found.length] ?? ''));
      const startMs = nowMs;
      nowMs = clock();
      if (nowMs - startMs <= QUICK_MS) continue;
      doubtUntilMs = nowMs;
      return;
    }
  }

  async function lookByPool(paths: readonly string[], found: (Found | undefined)[]): Promise<void> {
    const next = paths.slice(found.length, found.length + AT_ONCE);
    const looking = Promise.all(next.map((path) => looks.byPool(path).catch(absentOrThrow)));
    // In one turn of this process a look is asked for, and in the next, or the one after, it is heard of.
    let freeMs: number | null = null;
    setImmediate(() => setImmediate(() => (freeMs = clock())));
    found.push(...(await looking));
    const nowMs = clock();
    const lookMs = (nowMs - (freeMs ?? nowMs)) / Math.ceil(next.length / POOL_THREADS);
    if (lookMs > QUICK_MS) doubtUntilMs = nowMs + DOUBT_MS;
    else if (doubtUntilMs !== null && nowMs >= doubtUntilMs) doubtUntilMs = null;
  }

  return async (paths) => {
    const found: (Found | undefined)[] = [];
    while (found.length < paths.length) {
      if (doubtUntilMs !== null) await lookByPool(paths, found);
      else {
        lookNow(paths, found);
        if (found.length < paths.length) await nextTurn();
      }
    }
    return found;
  };
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
