import { afterEach, beforeEach, vi } from 'vitest';
import { AppError } from '../src/domain/app-error.ts';
import type { AsyncRequest, RequestQueue } from '../src/domain/request.ts';
import type { ActionHandler } from '../src/services/actions/action.ts';
import type { Ports } from '../src/services/ports.ts';
import { startWorker, type Worker, type WorkerOptions } from '../src/services/worker.ts';
import { createMemoryPorts } from './memory-ports.ts';
import { registryOf } from './test-actions.ts';

export const LEASE_MS = 30_000;

/** Workers on a queue in memory, by a clock that stands until a test moves it. */
export interface WorkerBench {
  readonly ports: Ports;
  readonly queue: RequestQueue;
  /** The fields of each line. */
  readonly logged: readonly unknown[];
  /** A worker whose action `run` is this; it is stopped after the test. */
  readonly start: (run: ActionHandler, options?: Partial<WorkerOptions>) => Worker;
  /** A request for the action `run`. */
  readonly enqueue: (requestId: string, maxRetries?: number) => Promise<AsyncRequest>;
  /** Lets happen what needs no time. */
  readonly settle: () => Promise<unknown>;
}

/** For the tests of a file or of a `describe`, each with a queue of its own. */
export function useWorkers(): WorkerBench {
  let ports: Ports;
  let worker: Worker | null;
  let logged: unknown[];

  beforeEach(() => {
    vi.useFakeTimers();
    const write = (fields: unknown) => void logged.push(fields);
    const log = { debug: write, info: write, warn: write, error: write };
    ports = createMemoryPorts({ random: () => 1, log });
    worker = null;
    logged = [];
  });
  afterEach(async () => {
    const stopped = worker?.stop(0);
    await vi.runAllTimersAsync();
    await stopped;
    vi.useRealTimers();
  });

  return {
    get ports() {
      return ports;
    },
    get queue() {
      return ports.queue;
    },
    get logged() {
      return logged;
    },
    start: (run, options = {}) => {
      const actions = registryOf({ run });
      worker = startWorker(ports, { actions, concurrency: 2, leaseMs: LEASE_MS, ...options });
      return worker;
    },
    enqueue: (requestId, maxRetries = 3) =>
      ports.queue.enqueue({
        requestId,
        action: 'run',
        payload: {},
        userId: 'u',
        tenantId: 't',
        maxRetries,
      }),
    settle: () => vi.advanceTimersByTimeAsync(0),
  };
}

/** An action that ends when it is told to, or when it is aborted. */
export function openAction() {
  const started: string[] = [];
  let end: (error?: Error) => void = () => undefined;
  const action: ActionHandler = ({ requestId }, { signal }) =>
    new Promise((resolve, reject) => {
      started.push(requestId);
      end = (error) => (error === undefined ? resolve('done') : reject(error));
      signal.addEventListener('abort', () => reject(new AppError('aborted', 'stopped')));
    });
  return { action, started, end: (error?: Error) => end(error) };
}
