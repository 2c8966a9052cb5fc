import { describe, expect, it, vi } from 'vitest';
import { queuedAction } from '../../test/test-actions.ts';
import { LEASE_MS, openAction, useWorkers } from '../../test/worker-bench.ts';
import { AppError } from '../domain/app-error.ts';
import { DEFAULT_RETRY, type ActionHandler } from './actions/action.ts';
import { createActionRegistry } from './actions/action-registry.ts';
import { keptResultOf } from './kept-result.ts';
import { retryDelayMs } from './run-request.ts';

describe('startWorker', () => {
  const bench = useWorkers();
  const { enqueue, settle, start } = bench;

  it('finds work by itself, sooner when woken, and completes it', async () => {
    const running = start(async () => ({ answer: 42 }));
    await enqueue('polled');
    await vi.advanceTimersByTimeAsync(1000);
    expect(await bench.queue.find('polled')).toMatchObject({ status: 'COMPLETED', result: { answer: 42 } });
    await enqueue('woken');
    running.wake();
    await settle();
    expect(await bench.queue.find('woken')).toMatchObject({ status: 'COMPLETED' });
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

  it('fails at once what trying again cannot help', async () => {
    await enqueue('hopeless');
    start(async () => {
      throw new AppError('unsupported_media', 'This is no audio.');
    });
    await settle();
    const error = { code: 'unsupported_media', message: 'This is no audio.', retryable: false };
    expect(await bench.queue.find('hopeless')).toMatchObject({ status: 'FAILED', error });
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
    const { status, error } = (await bench.queue.find('unlucky')) ?? {};
    expect(status).toBe('FAILED');
    expect(error?.code).toBe('internal');
    expect(error?.message).not.toContain('secret');
  });

  it('writes progress now and then, the latest of it', async () => {
    const progress = vi.spyOn(bench.queue, 'progress');
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
    expect(await bench.queue.find('last')).toMatchObject({ status: 'COMPLETED' });
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
    const [next] = await bench.queue.claim(['run'], LEASE_MS, 1);
    expect(next?.request).toMatchObject({ requestId: 'interrupted', retryCount: 0, attempt: 1 });
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
      await bench.queue.enqueue({
        requestId: id,
        action,
        payload: {},
        userId: 'u',
        tenantId: 't',
        maxRetries: 0,
      });
    }
    start(wait, { actions, concurrency: 4 });
    await settle();
    expect(started.filter((id) => id.startsWith('r'))).toEqual(['r1']);
    expect(started).toHaveLength(4);
    await bench.queue.cancel('r1');
    await settle();
    expect(started.filter((id) => id.startsWith('r'))).toEqual(['r1', 'r2']);
  });

  it('keeps a result that is too large for its record as an object', async () => {
    const text = 'x'.repeat(100_000);
    await enqueue('large');
    start(async () => ({ text }));
    await settle();
    await vi.waitFor(async () => expect((await bench.queue.find('large'))?.status).toBe('COMPLETED'));
    const request = await bench.queue.find('large');
    const kept = request === null ? null : keptResultOf(request);
    expect(kept).toEqual({ key: 'results/large-2.json', sizeBytes: JSON.stringify({ text }).length });
    const chunks: Uint8Array[] = [];
    for await (const chunk of bench.ports.objects.read('results/large-2.json')) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ text });
  });

  it('completes what answers nothing at all', async () => {
    await enqueue('silent');
    start((async () => undefined) as unknown as ActionHandler);
    await settle();
    expect(await bench.queue.find('silent')).toMatchObject({ status: 'COMPLETED', result: null });
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
    const request = await bench.queue.find('wordy');
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
    expect((await bench.queue.find('tried'))?.error).toEqual({
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
