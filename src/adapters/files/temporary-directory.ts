import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { makeDirectory } from './durable-file.ts';
import { storageError, systemCode } from './system-error.ts';

export interface TemporaryDirectory {
  readonly path: string;
  /** Removes the directory with all that is in it. Idempotent. */
  close(): Promise<void>;
}

export interface TemporaryDirectoryOptions {
  /** Made when it is not there. */
  readonly parent: string;
  readonly clock: Clock;
}

const SIGN_OF_LIFE_MS = 10 * 60 * 1000;
/** Of a process on another machine or in another container, of whom only the sign of life can be seen. */
const FOREIGN_DEAD_AFTER_MS = 24 * 60 * 60 * 1000;

/** `work-{host}-{pid}-{random}` */
const NAME = /^work-([A-Za-z0-9_.]+)-(\d+)-([0-9a-f]{16})$/;
const HOST = hostname().replace(/[^A-Za-z0-9_.]/g, '_') || 'host';

/** Directories of this process: after a restart in a container another process may have had its pid. */
const openHere = new Set<string>();

/**
 * A private directory (0700) of this process, after clearing away those of processes that were killed. One of a living
 * process is never touched: on this host that is asked of the system; elsewhere, it has shown a sign of life in the
 * last day.
 *
 * @throws storage_unavailable, insufficient_storage
 */
export async function openTemporaryDirectory(
  options: TemporaryDirectoryOptions,
): Promise<TemporaryDirectory> {
  const { parent, clock } = options;
  const name = `work-${HOST}-${process.pid}-${randomBytes(8).toString('hex')}`;
  const path = join(parent, name);
  openHere.add(name);
  try {
    await makeDirectory(parent);
    await sweep(parent, clock());
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    openHere.delete(name);
    throw storageError(error, 'directory');
  }
  const signOfLife = setInterval(() => {
    const seconds = clock() / 1000;
    // Without it another host may think us dead after a day; there is nothing better to do than to try again.
    utimes(path, seconds, seconds).catch(() => undefined);
  }, SIGN_OF_LIFE_MS);
  signOfLife.unref();
  return {
    path,
    async close() {
      clearInterval(signOfLife);
      await rm(path, { recursive: true, force: true });
      openHere.delete(name);
    },
  };
}

async function sweep(parent: string, nowMs: number): Promise<void> {
  for (const name of await readdir(parent)) {
    const match = NAME.exec(name);
    if (match === null || openHere.has(name)) continue;
    const [, host, pid] = match;
    const path = join(parent, name);
    const isDead = host === HOST ? !isAlive(Number(pid)) : await showsNoLife(path, nowMs);
    if (isDead) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a process other than this one has the pid. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH';
  }
}

async function showsNoLife(path: string, nowMs: number): Promise<boolean> {
  try {
    return nowMs - (await stat(path)).mtimeMs > FOREIGN_DEAD_AFTER_MS;
  } catch (error) {
    // Another process that starts now may have swept it.
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
