import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../domain/app-error.ts';
import { systemCode, unlessGone } from './system-error.ts';

export interface PathLockOptions {
  /** A lock that has been the same for so long is of a process that was killed: its work takes milliseconds. */
  readonly staleAfterMs?: number | undefined;
}

const STALE_AFTER_MS = 2000;
/** Others may be before us, each for milliseconds. */
const PATIENCE_MS = 30_000;
const MAX_PAUSE_MS = 50;

/**
 * Does the work while no other process, on this machine or another that shares the directory, does its own under the
 * same lock: a file at `lockPath`, made by whoever comes first, and removed at the end.
 *
 * @throws storage_unavailable when others hold it for too long; the error of the file system; what `work` throws
 */
export async function withPathLock<Result>(
  lockPath: string,
  work: () => Promise<Result>,
  { staleAfterMs = STALE_AFTER_MS }: PathLockOptions = {},
): Promise<Result> {
  await take(lockPath, staleAfterMs);
  try {
    return await work();
  } finally {
    await rm(lockPath, { force: true });
  }
}

async function take(lockPath: string, staleAfterMs: number): Promise<void> {
  const startMs = performance.now();
  let seen: string | undefined;
  let seenAtMs = startMs;
  for (let pauseMs = 1; !(await tryMake(lockPath)); pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const nowMs = performance.now();
    if (nowMs - startMs > PATIENCE_MS + staleAfterMs) {
      throw new AppError('storage_unavailable', 'Another process holds this for too long.');
    }
    // By our own clock: the times of the file may be those of another machine.
    const held = await identityOf(lockPath);
    if (held !== seen) {
      seen = held;
      seenAtMs = nowMs;
    } else if (held !== undefined && nowMs - seenAtMs > staleAfterMs) {
      await removeStale(lockPath, held);
      continue;
    }
    await sleep(pauseMs);
  }
}

async function tryMake(lockPath: string): Promise<boolean> {
  try {
    await (await open(lockPath, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return false;
  }
}

async function identityOf(path: string): Promise<string | undefined> {
  const stats = await lstat(path, { bigint: true }).catch(unlessGone);
  return stats === undefined ? undefined : `${stats.ino}-${stats.mtimeNs}`;
}

/** Takes it away under another name first: should it be a new one by now, it goes back. */
async function removeStale(lockPath: string, stale: string): Promise<void> {
  const aside = `${lockPath}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await rename(lockPath, aside);
  } catch (error) {
    unlessGone(error);
    return;
  }
  try {
    if ((await identityOf(aside)) !== stale) await link(aside, lockPath);
  } finally {
    await rm(aside, { force: true });
  }
}
