import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryRequestQueue } from '../adapters/memory/memory-request-queue.ts';
import { AppError } from '../domain/app-error.ts';
import type { RequestQueue } from '../domain/request.ts';
import type { Action } from './actions/action.ts';
import { retryDelayMs } from './run-request.ts';
import { startWorker } from './worker.ts';
import type { Worker, WorkerOptions } from './worker.ts';
import type { Ports } from './ports.ts';

type TestPorts = Pick<Ports, 'queue' | 'clock' | 'log'>;

const LEASE_MS = 30_000;

describe('startWorker', () => {
  let queue: RequestQueue;
  let worker: Worker | null;
  let logged: unknown[];

  beforeEach(() => {
    vi.useFakeTimers();
    let ids = 0;
    const newId = () => `id-${(ids += 1)}`;
    queue = createMemoryRequestQueue({ clock: Date.now, newId });
    worker = null;
    logged = [];
  });
  afterEach(async () => {
    const stopped = worker?.stop(0);
    await vi.runAllTimersAsync();
    await stopped;
    vi.useRealTimers();
  });

  function start(run: Action<TestPorts>, options: Partial<WorkerOptions<TestPorts>> = {}): Worker {
    const write = (fields: unknown) => void logged.push(fields);
    const log = { debug: write, info: write, warn: write, error: write };
    worker = startWorker<TestPorts>(
      { queue, clock: Date.now, log },
      { actions: { run }, concurrency: 2, leaseMs: LEASE_MS, random: () => 1, ...options },
    );
    return worker;
  }
  const enqueue = (requestId: string, maxRetries = 3) =>
    queue.enqueue({ requestId, action: 'run', payload: {}, userId: 'u', tenantId: 't', maxRetries });
  const settle = () => vi.advanceTimersByTimeAsync(0);

  /** An action that ends when it is told to, or when it is aborted. */
  function openAction() {
    const started: string[] = [];
    let end: (error?: Error) => void = () => undefined;
    const action: Action<TestPorts> = (_ports, { requestId }, { signal }) =>
      new Promise((resolve, reject) => {
        started.push(requestId);
        end = (error) => (error === undefined ? resolve('done') : reject(error));
        signal.addEventListener('abort', () => reject(new AppError('aborted', 'stopped')));
      });
    return { action, started, end: (error?: Error) => end(error) };
  }

  it('finds work by itself, sooner when woken, and completes it', async () => {
    const running = start(async () => ({ answer: 42 }));
    await enqueue('polled');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await queue.find('polled')).toMatchObject({ status: 'COMPLETED', result: { answer: 42 } });
    await enqueue('woken');
    running.wake();
    await settle();
    expect(await queue.find('woken')).toMatchObject({ status: 'COMPLETED' });
  });

  it('runs a bounded number at once', async () => {
    const { action, started, end } = openAction();
    for (const id of ['a', 'b', 'c']) await enqueue(id);
    start(action);
    await settle();
    expect(started).toEqual(['a', 'b']);
    end();
    await settle();
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('keeps the lease while the action runs', async () => {
    const { action, started, end } = openAction();
    await enqueue('long');
    start(action);
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(started).toEqual(['long']);
    end();
    await settle();
    expect(await queue.find('long')).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });

  it('aborts the action and writes nothing when another has the lease', async () => {
    const { action } = openAction();
    await enqueue('stolen');
    start(action, { concurrency: 1 });
    await settle();
    vi.spyOn(queue, 'renew').mockRejectedValueOnce(new AppError('lease_lost', 'lost'));
    const fail = vi.spyOn(queue, 'fail');
    await vi.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect(fail).not.toHaveBeenCalled();
    expect(await queue.find('stolen')).toMatchObject({ status: 'PROCESSING' });
    expect(logged).toContainEqual({ requestId: 'stolen' });
  });

  it('outlives a queue that cannot be written for a moment', async () => {
    const { action, end } = openAction();
    await enqueue('patient');
    start(action);
    await settle();
    vi.spyOn(queue, 'renew').mockRejectedValueOnce(new AppError('storage_unavailable', 'busy'));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    end();
    await settle();
    expect(await queue.find('patient')).toMatchObject({ status: 'COMPLETED' });
  });

  it('fails at once what trying again cannot help', async () => {
    await enqueue('hopeless');
    start(async () => {
      throw new AppError('unsupported_media', 'This is no audio.');
    });
    await settle();
    const error = { code: 'unsupported_media', message: 'This is no audio.', retryable: false };
    expect(await queue.find('hopeless')).toMatchObject({ status: 'FAILED', error });
  });

  it('tries again, later and later, and tells the action of its last try', async () => {
    const attempts: (readonly [atMs: number, isLast: boolean])[] = [];
    const startMs = Date.now();
    await enqueue('unlucky', 2);
    start(async (_ports, _request, { isLastAttempt }) => {
      attempts.push([Date.now() - startMs, isLastAttempt]);
      throw new Error('a secret of the server');
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(attempts).toEqual([
      [0, false],
      [2000, false],
      [6000, true],
    ]);
    const { status, error } = (await queue.find('unlucky')) ?? {};
    expect(status).toBe('FAILED');
    expect(error?.code).toBe('internal');
    expect(error?.message).not.toContain('secret');
  });

  it('writes progress now and then, the latest of it', async () => {
    const progress = vi.spyOn(queue, 'progress');
    await enqueue('chatty');
    start(async (_ports, _request, context) => {
      for (let percentage = 0; percentage < 50; percentage += 1) context.progress(percentage, 'working');
      await new Promise((resolve) => setTimeout(resolve, 800));
      return null;
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(progress.mock.calls.map(([, percentage]) => percentage)).toEqual([0, 49]);
  });

  it('lets what runs end before it stops, and claims nothing more', async () => {
    const { action, started, end } = openAction();
    await enqueue('last');
    const running = start(action);
    await settle();
    const stopped = running.stop(5000);
    await enqueue('too late');
    running.wake();
    await vi.advanceTimersByTimeAsync(1000);
    end();
    await stopped;
    expect(await queue.find('last')).toMatchObject({ status: 'COMPLETED' });
    expect(started).toEqual(['last']);
  });

  it('gives back what does not end in time, as often as it is stopped, at no cost in retries', async () => {
    const { action } = openAction();
    await enqueue('interrupted');
    for (let stops = 0; stops < 6; stops += 1) {
      const running = start(action);
      await settle();
      const stopped = running.stop(5000);
      await vi.advanceTimersByTimeAsync(5000);
      await stopped;
    }
    const next = await queue.claim(['run'], LEASE_MS);
    expect(next?.request).toMatchObject({ requestId: 'interrupted', retryCount: 0, attempt: 1 });
  });
});

describe('retryDelayMs', () => {
  it('doubles up to two minutes, half of it by chance', () => {
    expect([0, 1, 2, 3].map((count) => retryDelayMs(count, 1))).toEqual([2000, 4000, 8000, 16_000]);
    expect([retryDelayMs(0, 0), retryDelayMs(50, 0), retryDelayMs(50, 1)]).toEqual([1000, 60_000, 120_000]);
  });
});
