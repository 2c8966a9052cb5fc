import { describe, expect, it, vi } from 'vitest';
import { LEASE_MS, openAction, useWorkers } from '../../test/worker-bench.ts';
import { queuedAction } from '../../test/test-actions.ts';
import { AppError } from '../domain/app-error.ts';
import type { AsyncRequest } from '../domain/request.ts';
import { createActionRegistry } from './actions/action-registry.ts';
import { type ActionHandler } from './actions/action.ts';
import { keptResultOf } from './kept-result.ts';

describe('a worker and its leases', () => {
  const bench = useWorkers();
  const { enqueue, settle, start } = bench;

  it('keeps the lease while the action runs', async () => {
    const { action, started, end } = openAction();
    await enqueue('long');
    start(action);
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect(started).toEqual(['long']);
    end();
    await settle();
    expect(await bench.queue.find('long')).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  });

  it('aborts the action and writes nothing when another has the lease', async () => {
    const { action } = openAction();
    await enqueue('stolen');
    start(action, { concurrency: 1 });
    await settle();
    vi.spyOn(bench.queue, 'renew').mockRejectedValueOnce(new AppError('lease_lost', 'lost'));
    const fail = vi.spyOn(bench.queue, 'fail');
    await vi.advanceTimersByTimeAsync(LEASE_MS / 3);
    expect(fail).not.toHaveBeenCalled();
    expect(await bench.queue.find('stolen')).toMatchObject({ status: 'PROCESSING' });
    expect(bench.logged).toContainEqual({ requestId: 'stolen', action: 'run' });
  });

  it('keeps its leases while a look into the bench.queue, or the renewal of another, is not answered', async () => {
    const { action } = openAction();
    for (const id of ['hung', 'lively']) await enqueue(id);
    start(action);
    await settle();
    vi.spyOn(bench.queue, 'findMany').mockReturnValueOnce(new Promise(() => undefined));
    const renew = bench.queue.renew.bind(bench.queue);
    vi.spyOn(bench.queue, 'renew').mockImplementation((lease, leaseMs) =>
      lease.requestId === 'hung' ? new Promise(() => undefined) : renew(lease, leaseMs),
    );
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1000);
    expect((await bench.queue.find('lively'))?.leaseUntilMs).toBeGreaterThan(Date.now() + LEASE_MS / 2);
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
    vi.spyOn(bench.queue, 'renew').mockReturnValue(new Promise(() => undefined));
    // Nor can it claim anything.
    vi.spyOn(bench.queue, 'claim').mockRejectedValue(new AppError('storage_unavailable', 'away'));
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
    vi.spyOn(bench.queue, 'renew').mockRejectedValueOnce(new AppError('storage_unavailable', 'busy'));
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    end();
    await settle();
    expect(await bench.queue.find('patient')).toMatchObject({ status: 'COMPLETED' });
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
    await bench.queue.cancel('here');
    expect(ended).toEqual([['here', 'cancelled']]);
    // Another process has no way to this one's hub.
    vi.spyOn(bench.ports.hub, 'publish').mockReturnValueOnce();
    await bench.queue.cancel('elsewhere');
    expect(ended).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(ended[1]).toEqual(['elsewhere', expect.stringMatching(/^(?:cancelled|lease_lost)$/)]);
    expect((await bench.queue.find('here'))?.status).toBe('CANCELLED');
    expect((await bench.queue.find('elsewhere'))?.status).toBe('CANCELLED');
  });

  it('ends what was deleted, and writes nothing of it', async () => {
    const { action, started } = openAction();
    await enqueue('deleted');
    start(action);
    await settle();
    await bench.queue.delete('deleted');
    await vi.advanceTimersByTimeAsync(1000);
    expect(started).toEqual(['deleted']);
    expect(await bench.queue.find('deleted')).toBeNull();
    expect(bench.logged).toContainEqual({ requestId: 'deleted', action: 'run' });
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
    await bench.queue.cancel('anew');
    await bench.queue.retry('anew');
    await vi.advanceTimersByTimeAsync(LEASE_MS + 1000);
    expect(ends).toHaveLength(2);
    ends[1]?.();
    await vi.waitFor(async () => expect((await bench.queue.find('anew'))?.status).toBe('COMPLETED'));
    ends[0]?.();
    await settle();
    const request = await bench.queue.find('anew');
    const kept = request === null ? null : keptResultOf(request);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bench.ports.objects.read(kept?.key ?? '')) chunks.push(chunk);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toEqual({ text: texts[1] });
  });

  it('settles what was given up, since its workers died each time, and goes on where that fails', async () => {
    const settled: string[] = [];
    const onGivenUp = async ({ requestId, status }: AsyncRequest) => {
      settled.push(`${requestId} ${status}`);
      throw new Error('It cannot be settled.');
    };
    const actions = createActionRegistry([queuedAction('run', async () => null, { onGivenUp })]);
    await enqueue('poison', 0);
    await bench.queue.claim(['run'], LEASE_MS, 1);
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    await enqueue('good');
    start(async () => null, { actions });
    await settle();
    expect(settled).toEqual(['poison FAILED']);
    expect(await bench.queue.find('good')).toMatchObject({ status: 'COMPLETED' });
  });
});
