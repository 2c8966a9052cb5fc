import { readdir, readFile } from 'node:fs/promises';
import { makeDataDirectory, startProgram, type Program } from '../../test/e2e/program.ts';
import { CAN_TELL_USAGE, NO_USAGE, readPeakMemory } from './process-usage.ts';

export interface Peak {
  /** Of the server's own process. */
  readonly ownBytes: number;
  /** Of the largest process that it started. */
  readonly childBytes: number;
}

const LOOK_MS = 100;

/**
 * The most memory that a server needs for some work, from its start on.
 * @param prepare fills the data directory before the server starts
 */
export async function peakOf(
  work: (program: Program) => Promise<void>,
  environment: Record<string, string> = {},
  prepare: (dataDir: string) => Promise<void> = async () => undefined,
): Promise<Peak> {
  if (!CAN_TELL_USAGE) throw new Error(NO_USAGE);
  const data = await makeDataDirectory();
  try {
    await prepare(data.path);
    const program = await startProgram(data.path, { AUTH: 'off', SHUTDOWN_GRACE_S: '0', ...environment });
    let childBytes = 0;
    const looking = setInterval(() => {
      void readChildPeak(program.pid).then((bytes) => (childBytes = Math.max(childBytes, bytes)));
    }, LOOK_MS);
    try {
      await work(program);
      return { ownBytes: await readPeakMemory(program.pid), childBytes };
    } finally {
      clearInterval(looking);
      // Whatever it was about to do with what came is none of this.
      await program.kill();
    }
  } finally {
    await data.remove();
  }
}

/** @returns 0 where there are none now */
async function readChildPeak(pid: number): Promise<number> {
  try {
    // Those of each thread: the ones that measure start an ffmpeg of their own.
    const threads = await readdir(`/proc/${pid}/task`);
    const children = await Promise.all(
      threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8')),
    );
    const pids = children.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
    return Math.max(0, ...(await Promise.all(pids.map(readPeakMemory))));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    // It has ended while it was looked at.
    if (code === 'ENOENT' || code === 'ESRCH') return 0;
    throw error;
  }
}
