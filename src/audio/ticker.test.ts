import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { createSleeper } from './ticker.ts';

describe('a sleeper', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('wakes within a tenth of a second of its time, with all others that are due then', async () => {
    const woken: number[] = [];
    for (const ms of [0, 1, 100, 101, 950, 3000])
      void createSleeper(undefined)(ms).then(() => woken.push(ms));
    // However many sleep.
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(woken).toEqual([0, 1, 100]);
    await vi.advanceTimersByTimeAsync(900);
    expect(woken).toEqual([0, 1, 100, 101, 950]);
    await vi.advanceTimersByTimeAsync(2000);
    expect(woken).toHaveLength(6);
  });

  it('leaves no timer behind, whether all have woken or gone', async () => {
    const controller = new AbortController();
    const sleep = createSleeper(controller.signal);
    const slept = sleep(50);
    await vi.advanceTimersByTimeAsync(100);
    await slept;
    expect(vi.getTimerCount()).toBe(0);
    const left = sleep(3_600_000).catch((error: unknown) => error);
    controller.abort();
    expect(isAppError(await left, 'aborted')).toBe(true);
    await vi.advanceTimersByTimeAsync(100);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('throws as soon as its signal is aborted, and at once from then on', async () => {
    const controller = new AbortController();
    const sleep = createSleeper(controller.signal);
    const other = createSleeper(undefined)(1000);
    const left = sleep(1000).catch((error: unknown) => error);
    controller.abort();
    expect(isAppError(await left, 'aborted')).toBe(true);
    await expect(sleep(1)).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    await vi.advanceTimersByTimeAsync(1000);
    await other;
  });
});
