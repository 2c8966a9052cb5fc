import { ingest } from '../services/actions/ingest.ts';
import { startWorker } from '../services/worker.ts';
import type { Worker } from '../services/worker.ts';
import type { Config } from './config.ts';
import type { EmbeddedHome } from './embedded.ts';

/** Everything that the queue is worked on for. */
const ACTIONS = { ingest };

/** How long a worker that died keeps what it was at; renewed at a third of it while the work goes on. */
const LEASE_MS = 10_000;

/** Works on the queue inside this process: of the server, and of a command that waits for its own requests. */
export function startEmbeddedWorker(home: EmbeddedHome, config: Pick<Config, 'workers'>): Worker {
  const worker = startWorker(home.ports, {
    actions: ACTIONS,
    concurrency: config.workers,
    leaseMs: LEASE_MS,
  });
  home.onWake(() => worker.wake());
  return worker;
}
