import { isAppError } from '../domain/app-error.ts';
import type { ClaimedRequest } from '../domain/request.ts';
import type { Action } from './actions/action.ts';
import type { Ports } from './ports.ts';
import { retryDelayMs, runRequest } from './run-request.ts';

export interface WorkerOptions<ActionPorts> {
  readonly actions: Readonly<Record<string, Action<ActionPorts>>>;
  /** Requests worked on at once. */
  readonly concurrency: number;
  readonly leaseMs: number;
  /** How often to look for work that nobody told of. */
  readonly pollMs?: number | undefined;
  /** 0 to 1, for the jitter of retries. */
  readonly random?: (() => number) | undefined;
}

export interface Worker {
  /** There may be something to do: looks at once. */
  wake(): void;
  /** Claims nothing more, lets what runs go on for `graceMs`, then aborts it and lets its leases go, so that it goes
   * on elsewhere or after the next start. */
  stop(graceMs: number): Promise<void>;
}

type WorkerPorts = Pick<Ports, 'queue' | 'clock' | 'log'>;

const POLL_MS = 1000;
/** An action that does not heed its abort is not waited for longer than this. */
const ABORT_GRACE_MS = 5000;

/** Claims requests of the given actions and runs them, a bounded number at once. */
export function startWorker<ActionPorts extends WorkerPorts>(
  ports: ActionPorts,
  options: WorkerOptions<ActionPorts>,
): Worker {
  const { actions, concurrency, leaseMs } = options;
  const random = options.random ?? Math.random;
  const names = Object.keys(actions);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  let claiming: Promise<void> | null = null;
  let isWoken = false;

  async function claimAll(): Promise<void> {
    do {
      isWoken = false;
      while (!isStopped && running.size < concurrency) {
        const claimed = await ports.queue.claim(names, leaseMs);
        if (claimed === null) break;
        start(claimed);
      }
    } while (isWoken && !isStopped);
  }

  function start(claimed: ClaimedRequest): void {
    const action = actions[claimed.request.action];
    if (action === undefined) return;
    const delayMs = (retryCount: number) => retryDelayMs(retryCount, random());
    const run = runRequest(ports, action, claimed, { leaseMs, delayMs, stopping: stopping.signal })
      .catch((error: unknown) => {
        // The request keeps its lease until that runs out; then it is tried again.
        const { requestId } = claimed.request;
        if (isAppError(error, 'lease_lost'))
          ports.log.warn({ requestId }, 'another worker has this request now');
        else ports.log.error({ requestId, error }, 'the outcome of a request could not be written');
      })
      .finally(() => {
        running.delete(run);
        wake();
      });
    running.add(run);
  }

  function wake(): void {
    isWoken = true;
    if (isStopped || claiming !== null) return;
    claiming = claimAll()
      .catch((error: unknown) => ports.log.error({ error }, 'no request could be claimed'))
      .finally(() => {
        claiming = null;
      });
  }

  const poll = setInterval(wake, options.pollMs ?? POLL_MS);
  wake();

  return {
    wake,
    async stop(graceMs) {
      isStopped = true;
      clearInterval(poll);
      await claiming;
      await settledWithin(running, graceMs);
      stopping.abort();
      await settledWithin(running, ABORT_GRACE_MS);
    },
  };
}

async function settledWithin(running: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  if (running.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(running), timeout]);
  clearTimeout(timer);
}
