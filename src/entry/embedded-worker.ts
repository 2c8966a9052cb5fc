import { startWorker, type Worker } from '../services/worker.ts';
import type { Config } from './config.ts';
import type { EmbeddedHome } from './embedded.ts';

/** How long a worker that died keeps what it was at; renewed at a third of it while the work goes on. */
const LEASE_MS = 10_000;

/** Works on the queue inside this process: of the server, and of a command that waits for its own requests. */
export function startEmbeddedWorker(home: EmbeddedHome, { workers }: Pick<Config, 'workers'>): Worker {
  const { ports } = home;
  const worker = startWorker(ports, { actions: ports.actions, concurrency: workers, leaseMs: LEASE_MS });
  home.onWake(() => worker.wake());
  return worker;
}
