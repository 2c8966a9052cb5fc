import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryPorts } from '../../test/memory-ports.ts';
import { registryOf } from '../../test/test-actions.ts';
import { openAction } from '../../test/worker-bench.ts';
import { AppError } from '../domain/app-error.ts';
import type { ActionHandler } from './actions/action.ts';
import type { Ports } from './ports.ts';
import { workUntilIdle } from './work-until-idle.ts';

const LEASE_MS = 30_000;
const MINUTES = 60_000;

describe('workUntilIdle', () => {
  let ports: Ports;
  beforeEach(() => {
    vi.useFakeTimers();
    ports = createMemoryPorts({ random: () => 1 });
  });
  afterEach(() => {
    // Nothing is left running.
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  const enqueue = (requestId: string) =>
    ports.queue.enqueue({
      requestId,
      action: 'run',
      payload: {},
      userId: 'u',
      tenantId: 't',
      maxRetries: 3,
    });
  /** @returns how long it took */
  async function work(run: ActionHandler, forMs: number, maxAgeMs?: number): Promise<number> {
    const beganMs = Date.now();
    const options = { actions: registryOf({ run }), concurrency: 2, leaseMs: LEASE_MS, maxAgeMs };
    let tookMs = NaN;
    const working = workUntilIdle(ports, { ...options, untilMs: beganMs + forMs }).then(() => {
      tookMs = Date.now() - beganMs;
    });
    const settled = working.catch(() => undefined);
    while (Number.isNaN(tookMs) && Date.now() - beganMs < forMs + MINUTES) {
      await vi.advanceTimersByTimeAsync(100);
    }
    await settled;
    await working;
    return tookMs;
  }
  const find = (requestId: string) => ports.queue.find(requestId);

  it('ends as soon as there is nothing to do', async () => {
    expect(await work(async () => null, 15 * MINUTES)).toBeLessThan(1000);
    for (const id of ['a', 'b', 'c']) await enqueue(id);
    expect(await work(async () => 'done', 15 * MINUTES)).toBeLessThan(1000);
    for (const id of ['a', 'b', 'c']) expect(await find(id)).toMatchObject({ status: 'COMPLETED' });
  });

  it('takes what comes while it is at work, and goes on past one that fails', async () => {
    await enqueue('poison');
    const run: ActionHandler = async ({ requestId }) => {
      if (requestId === 'poison') {
        await enqueue('later');
        throw new AppError('unsupported_media', 'No audio.');
      }
      return null;
    };
    await work(run, 15 * MINUTES);
    expect(await find('poison')).toMatchObject({ status: 'FAILED' });
    expect(await find('later')).toMatchObject({ status: 'COMPLETED' });
  });

  it('waits for a retry that is due soon, and for no other', async () => {
    await enqueue('flaky');
    let failures = 0;
    const run: ActionHandler = async ({ retryCount }) => {
      if (retryCount === 3) return 'at last';
      failures += 1;
      throw new AppError('storage_unavailable', 'Away.', {
        ...(retryCount === 2 && { details: { retry_after_s: 60 } }),
      });
    };
    expect(await work(run, 15 * MINUTES)).toBeLessThan(20_000);
    expect(failures).toBe(3);
    expect(await find('flaky')).toMatchObject({ status: 'RETRYING' });
    await vi.advanceTimersByTimeAsync(MINUTES);
    await work(run, 15 * MINUTES);
    expect(await find('flaky')).toMatchObject({ status: 'COMPLETED' });
  });

  it('does not wait for a retry that another has taken', async () => {
    await enqueue('taken');
    const run: ActionHandler = async () => {
      setTimeout(() => void ports.queue.claim(['run'], LEASE_MS, 1), 4000);
      throw new AppError('storage_unavailable', 'Away.');
    };
    const publish = vi.spyOn(ports.hub, 'publish');
    // Elsewhere: nobody here hears of it.
    publish.mockImplementation((request) => {
      if (request.attempt < 2) ports.hub.receive(request);
    });
    expect(await work(run, 15 * MINUTES)).toBeLessThan(10_000);
    await vi.advanceTimersByTimeAsync(5000);
  });

  it('lets go in time what goes on for longer: the next goes on with it, and no attempt is lost', async () => {
    await enqueue('long');
    const { action, started } = openAction();
    expect(await work(action, MINUTES)).toBeLessThan(MINUTES + 1000);
    expect(await find('long')).toMatchObject({ status: 'PENDING', attempt: 0, retryCount: 0 });
    const again = work(async () => 'the rest', MINUTES);
    await again;
    expect(started).toEqual(['long']);
    expect(await find('long')).toMatchObject({ status: 'COMPLETED', result: 'the rest' });
  });

  it('gives up what is let go again and again', async () => {
    await enqueue('endless');
    const { action } = openAction();
    for (let rounds = 0; rounds < 5; rounds += 1) await work(action, 10 * MINUTES, 45 * MINUTES);
    expect(await find('endless')).toMatchObject({
      status: 'FAILED',
      error: { code: 'aborted', retryable: false },
    });
  });

  it('fails when the queue cannot be looked into', async () => {
    vi.spyOn(ports.queue, 'claim').mockRejectedValue(new AppError('storage_unavailable', 'Away.'));
    await expect(work(async () => null, MINUTES)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});
