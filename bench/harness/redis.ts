import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { findProgram } from './child-server.ts';

export interface Redis {
  /** Of its socket; it listens on no port. */
  readonly path: string;
  stop(): Promise<void>;
}

const START_MS = 10_000;

/**
 * A Redis of its own, in a temporary directory; null where it is not installed.
 * @param isDurable whether each write is on disk before it is answered (`appendfsync always`); else as it comes
 */
export async function startRedis(isDurable: boolean): Promise<Redis | null> {
  const program = await findProgram('redis-server');
  if (program === null) return null;
  const own = await mkdtemp(join(tmpdir(), 'earshot-redis-'));
  const path = join(own, 'redis.sock');
  const durable = isDurable ? ['--appendonly', 'yes', '--appendfsync', 'always'] : [];
  const redis = spawn(program, ['--port', '0', '--unixsocket', path, '--dir', own, ...durable], {
    stdio: 'ignore',
  });
  const ended = once(redis, 'exit');
  const stop = async () => {
    redis.kill('SIGKILL');
    await ended;
    await rm(own, { recursive: true, force: true });
  };
  for (const deadlineMs = Date.now() + START_MS; ;) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    );
    if (isThere) return { path, stop };
    if (Date.now() > deadlineMs || redis.exitCode !== null) {
      await stop();
      throw new Error('Redis did not start.');
    }
    await setTimeout(20);
  }
}
