import type { AsyncRequest } from '../domain/request.ts';
import { startWorker, type WorkerOptions, type WorkerPorts } from './worker.ts';

export interface WorkUntilIdleOptions extends WorkerOptions {
  /** By then it has to have let go. */
  readonly untilMs: number;
}

/** A retry that is due so soon is waited for: to start for it anew would take longer. */
const PATIENCE_MS = 15_000;
/** By which an index may be late. */
const SLACK_MS = 200;

/**
 * Works on the queue until there is nothing to do, or the time is over: then what runs is aborted and let go, so that it goes
 * on elsewhere from the phases that are behind it. Nothing is left running.
 * @throws what a look into the queue throws while nothing runs
 */
export async function workUntilIdle(
  ports: WorkerPorts,
  { untilMs, ...options }: WorkUntilIdleOptions,
): Promise<void> {
  /** Of requests that failed here and are tried again, when. */
  const retries = new Map<string, number>();
  const endHearing = ports.hub.onChange(({ requestId, status, visibleAtMs }: AsyncRequest) => {
    if (status === 'RETRYING') retries.set(requestId, visibleAtMs);
    else retries.delete(requestId);
  });
  const ending = new AbortController();
  const late = pause(untilMs - ports.clock(), ending.signal);
  const worker = startWorker(ports, options);
  try {
    while (ports.clock() < untilMs) {
      await Promise.race([worker.idle(), late]);
      const waitMs = Math.min(...retries.values()) - ports.clock();
      if (waitMs > PATIENCE_MS) break;
      await Promise.race([pause(waitMs + SLACK_MS, ending.signal), late]);
      // Once: another may have it by now.
      for (const [requestId, dueAtMs] of retries) if (dueAtMs <= ports.clock()) retries.delete(requestId);
      worker.wake();
    }
  } finally {
    ending.abort();
    endHearing();
    await worker.stop(0);
  }
}

/** Ends early when it is not waited for any more. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, ms));
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}
