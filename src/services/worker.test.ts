import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { queuedAction, registryOf } from '../../test/test-actions.ts';
import { AppError } from '../domain/app-error.ts';
import type { RequestQueue } from '../domain/request.ts';
import { DEFAULT_RETRY, type ActionHandler } from './actions/action.ts';
import { createActionRegistry } from './actions/action-registry.ts';
import { keptResultOf } from './kept-result.ts';
import type { Ports } from './ports.ts';
import { retryDelayMs } from './run-request.ts';
import { startWorker } from './worker.ts';
import type { Worker, WorkerOptions } from './worker.ts';

const LEASE_MS = 30_000;

describe('startWorker', () => {
  let ports: Ports;
  let queue: RequestQueue;
  let worker: Worker | null;
  let logged: unknown[];

  beforeEach(() => {
    vi.useFakeTimers();
    const write = (fields: unknown) => void logged.push(fields);
    const log = { debug: write, info: write, warn: write, error: write };
    ports = createMemoryPorts({ random: () => 1, log });
    queue = ports.queue;
    worker = null;
    logged = [];
  });
  afterEach(async () => {
    const stopped = worker?.stop(0);
    await vi.runAllTimersAsync();
    await stopped;
    vi.useRealTimers();
  });

  function start(run: ActionHandler, options: Partial<WorkerOptions> = {}): Worker {
    worker = startWorker(ports, {
      actions: registryOf({ run }),
      concurrency: 2,
      leaseMs: LEASE_MS,
      ...options,
    });
    return worker;
  }
  const enqueue = (requestId: string, maxRetries = 3) =>
    queue.enqueue({ requestId, action: 'run', payload: {}, userId: 'u', tenantId: 't', maxRetries });
  const settle = () => vi.advanceTimersByTimeAsync(0);

  /** An action that ends when it is told to, or when it is aborted. */
  function openAction() {
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
    expect(logged).toContainEqual({ requestId: 'stolen', action: 'run' });
  });

  it('keeps its leases while a look into the queue, or the renewal of another, is not answered', async () => {
    const { action } = openAction();
    for (const id of ['hung', 'lively']) await enqueue(id);
    start(action);
    await settle();
    vi.spyOn(queue, 'findMany').mockReturnValueOnce(new Promise(() => undefined));
    const renew = queue.renew.bind(queue);
    vi.spyOn(queue, 'renew').mockImplementation((lease, leaseMs) =>
      lease.requestId === 'hung' ? new Promise(() => undefined) : renew(lease, leaseMs),
    );
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1000);
    expect((await queue.find('lively'))?.leaseUntilMs).toBeGreaterThan(Date.now() + LEASE_MS / 2);
  });

  it('ends what it could not keep the lease of, before anybody has said so', async () => {
    const ended: unknown[] = [];
    await enqueue('cut off');
    start(
      ({ requestId }, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended.push([requestId, (signal.reason as AppError).code]);
            reject(signal.reason as AppError);
          });
        }),
    );
    await settle();
    vi.spyOn(queue, 'renew').mockReturnValue(new Promise(() => undefined));
    // Nor can it claim anything.
    vi.spyOn(queue, 'claim').mockRejectedValue(new AppError('storage_unavailable', 'away'));
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1000);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(ended).toEqual([['cut off', 'lease_lost']]);
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
    start(async (_request, { isLastAttempt }) => {
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
    start(async (_request, { report }) => {
      for (let percentage = 0; percentage < 50; percentage += 1)
        report(percentage, 'working', { percentage });
      await new Promise((resolve) => setTimeout(resolve, 800));
      return null;
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(progress.mock.calls.map(([, told]) => told)).toEqual([
      { percentage: 0, message: 'working', details: { percentage: 0 } },
      { percentage: 49, message: 'working', details: { percentage: 49 } },
    ]);
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
    const [next] = await queue.claim(['run'], LEASE_MS, 1);
    expect(next?.request).toMatchObject({ requestId: 'interrupted', retryCount: 0, attempt: 1 });
  });

  it('ends what is cancelled here at once, and what is cancelled elsewhere within a second', async () => {
    const ended: unknown[] = [];
    const wait: ActionHandler = ({ requestId }, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          ended.push([requestId, (signal.reason as AppError).code]);
          reject(signal.reason as AppError);
        });
      });
    for (const id of ['here', 'elsewhere']) await enqueue(id);
    start(wait);
    await settle();
    await queue.cancel('here');
    expect(ended).toEqual([['here', 'cancelled']]);
    // Another process has no way to this one's hub.
    vi.spyOn(ports.hub, 'publish').mockReturnValueOnce();
    await queue.cancel('elsewhere');
    expect(ended).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended[1]).toEqual(['elsewhere', expect.stringMatching(/^(?:cancelled|lease_lost)$/)]);
    expect((await queue.find('here'))?.status).toBe('CANCELLED');
    expect((await queue.find('elsewhere'))?.status).toBe('CANCELLED');
  });

  it('ends what was deleted, and writes nothing of it', async () => {
    const { action, started } = openAction();
    await enqueue('deleted');
    start(action);
    await settle();
    await queue.delete('deleted');
    await vi.advanceTimersByTimeAsync(1000);
    expect(started).toEqual(['deleted']);
    expect(await queue.find('deleted')).toBeNull();
    expect(logged).toContainEqual({ requestId: 'deleted', action: 'run' });
  });

  it('never runs more of an action than it may, and of others as many as there is room for', async () => {
    const started: string[] = [];
    const wait: ActionHandler = ({ requestId }, { signal }) =>
      new Promise((_resolve, reject) => {
        started.push(requestId);
        signal.addEventListener('abort', () => reject(signal.reason as AppError));
      });
    const actions = createActionRegistry([
      queuedAction('rare', wait, { concurrency: 1 }),
      queuedAction('common', wait),
    ]);
    for (const id of ['r1', 'r2', 'r3', 'c1', 'c2', 'c3', 'c4']) {
      const action = id.startsWith('r') ? 'rare' : 'common';
      await queue.enqueue({ requestId: id, action, payload: {}, userId: 'u', tenantId: 't', maxRetries: 0 });
    }
    start(wait, { actions, concurrency: 4 });
    await settle();
    expect(started.filter((id) => id.startsWith('r'))).toEqual(['r1']);
    expect(started).toHaveLength(4);
    await queue.cancel('r1');
    await settle();
    expect(started.filter((id) => id.startsWith('r'))).toEqual(['r1', 'r2']);
  });

  it('keeps a result that is too large for its record as an object', async () => {
    const text = 'x'.repeat(100_000);
    await enqueue('large');
    start(async () => ({ text }));
    await settle();
    await vi.waitFor(async () => expect((await queue.find('large'))?.status).toBe('COMPLETED'));
    const request = await queue.find('large');
    const kept = request === null ? null : keptResultOf(request);
    expect(kept).toEqual({ key: 'results/large-2.json', sizeBytes: JSON.stringify({ text }).length });
    const chunks: Uint8Array[] = [];
    for await (const chunk of ports.objects.read('results/large-2.json')) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ text });
  });

  it('completes what answers nothing at all', async () => {
    await enqueue('silent');
    start((async () => undefined) as unknown as ActionHandler);
    await settle();
    expect(await queue.find('silent')).toMatchObject({ status: 'COMPLETED', result: null });
  });

  it('lets a run whose request was begun anew not overwrite the kept result of the later one', async () => {
    const texts = ['of the first run', 'of the second run'].map((text) => text.repeat(10_000));
    const ends: (() => void)[] = [];
    await enqueue('anew');
    start(async () => {
      const text = texts[ends.length];
      // Heeds no abort.
      await new Promise<void>((resolve) => ends.push(resolve));
      return { text };
    });
    await settle();
    await queue.cancel('anew');
    await queue.retry('anew');
    await vi.advanceTimersByTimeAsync(LEASE_MS + 1000);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await vi.waitFor(async () => expect((await queue.find('anew'))?.status).toBe('COMPLETED'));
    ends[0]?.();
    await settle();
    const request = await queue.find('anew');
    const kept = request === null ? null : keptResultOf(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of ports.objects.read(kept?.key ?? '')) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ text: texts[1] });
  });

  it('lets neither progress nor failures fill a record, which then could not be completed', async () => {
    const text = 'x'.repeat(100_000);
    await enqueue('wordy', 1);
    start(async (_request, { report }) => {
      report(1, text, { text });
      await new Promise((resolve) => setTimeout(resolve, 100));
      throw new AppError('storage_unavailable', text);
    });
    await vi.advanceTimersByTimeAsync(60_000);
    const request = await queue.find('wordy');
    expect(request).toMatchObject({ status: 'FAILED', progress: 1 });
    expect(JSON.stringify(request).length).toBeLessThan(4000);
  });

  it('tells what was tried', async () => {
    const startMs = Date.now();
    await enqueue('tried', 1);
    start(async () => {
      throw new AppError('storage_unavailable', 'The disk is away.');
    });
    await vi.advanceTimersByTimeAsync(60_000);
    const failed = { code: 'storage_unavailable', message: 'The disk is away.' };
    expect((await queue.find('tried'))?.error).toEqual({
      ...failed,
      retryable: true,
      attempts: [
        { attempt: 1, atMs: startMs, ...failed },
        { attempt: 2, atMs: startMs + 2000, ...failed },
      ],
    });
  });
});

describe('retryDelayMs', () => {
  it('is anything below a bound that doubles up to two minutes', () => {
    const delays = (random: number) =>
      [0, 1, 2, 3, 50].map((count) => retryDelayMs(DEFAULT_RETRY, count, random));
    expect(delays(1)).toEqual([2000, 4000, 8000, 16_000, 120_000]);
    expect(delays(0.5)).toEqual([1000, 2000, 4000, 8000, 60_000]);
    expect(delays(0)).toEqual([0, 0, 0, 0, 0]);
  });
});
