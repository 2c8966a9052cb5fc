import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { pace } from './pacer.ts';

/** A clock that only sleeping moves; sleeps may come out longer or shorter than asked for. */
function fakeTime(jitterMs: (sleep: number) => number = () => 0) {
  const time = {
    nowMs: 1_000_000,
    sleeps: [] as number[],
    clock: () => time.nowMs,
    sleep: async (ms: number) => {
      time.sleeps.push(ms);
      time.nowMs += ms + jitterMs(time.sleeps.length);
    },
  };
  return time;
}

async function* chunksOf(durationMs: number, count: number) {
  for (let i = 0; i < count; i += 1) yield { bytes: Uint8Array.of(i), durationMs };
}

const BURST_MS = 10_000;

describe('pace', () => {
  it('sends the burst at once, then at playing speed', async () => {
    const time = fakeTime();
    const sentAtMs: number[] = [];
    for await (const chunk of pace(chunksOf(1000, 30), { burstMs: BURST_MS, ...time })) {
      expect(chunk).toEqual({ bytes: Uint8Array.of(sentAtMs.length), durationMs: 1000 });
      sentAtMs.push(time.nowMs - 1_000_000);
    }
    const expected = Array.from({ length: 30 }, (_, i) => Math.max(0, i - 10) * 1000);
    expect(sentAtMs).toEqual(expected);
    expect(time.sleeps).toHaveLength(20);
  });

  it('does not drift, however badly timers keep time', async () => {
    const time = fakeTime((sleep) => [-1, 0, 7, 13, -0.5][sleep % 5] ?? 0);
    let sentMs = 0;
    for await (const _ of pace(chunksOf(987, 10_000), { burstMs: BURST_MS, ...time })) {
      sentMs += 987;
      const aheadMs = sentMs - (time.nowMs - 1_000_000);
      expect(aheadMs).toBeLessThanOrEqual(BURST_MS + 987 + 2);
      if (sentMs > BURST_MS) expect(aheadMs).toBeGreaterThan(BURST_MS - 20);
    }
  });

  it('takes the next chunk from its source only when it is due', async () => {
    const time = fakeTime();
    const takenAtMs: number[] = [];
    async function* source() {
      for await (const chunk of chunksOf(1000, 13)) {
        takenAtMs.push(time.nowMs - 1_000_000);
        yield chunk;
      }
    }
    for await (const _ of pace(source(), { burstMs: BURST_MS, ...time }));
    expect(takenAtMs.slice(-3)).toEqual([0, 1000, 2000]);
  });

  it('gives a listener who stalled a new burst, and not all that was missed', async () => {
    const time = fakeTime();
    const sentAtMs: number[] = [];
    for await (const _ of pace(chunksOf(1000, 60), { burstMs: BURST_MS, ...time })) {
      sentAtMs.push(time.nowMs - 1_000_000);
      if (sentAtMs.length === 20) time.nowMs += 3_600_000;
    }
    const afterStall = sentAtMs.slice(20).filter((at) => at === sentAtMs[20]);
    expect(afterStall).toHaveLength(11);
    expect(sentAtMs[59]).toBe((sentAtMs[20] ?? 0) + 29_000);
  });

  it('goes on when the clock is put back', async () => {
    const time = fakeTime();
    let sent = 0;
    for await (const _ of pace(chunksOf(1000, 40), { burstMs: BURST_MS, ...time })) {
      sent += 1;
      if (sent === 20) time.nowMs -= 3_600_000;
    }
    expect(sent).toBe(40);
    expect(Math.max(...time.sleeps)).toBe(1000);
  });

  it('stops at once when aborted in its sleep, and closes the source', async () => {
    const controller = new AbortController();
    let isClosed = false;
    async function* source() {
      try {
        yield* chunksOf(3_600_000, 9);
      } finally {
        isClosed = true;
      }
    }
    const paced = pace(source(), { burstMs: 0, clock: () => 0, signal: controller.signal });
    await paced.next();
    const next = paced.next();
    setImmediate(() => controller.abort());
    await expect(next).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    expect(isClosed).toBe(true);
  });

  it('sends nothing when aborted before or between', async () => {
    const controller = new AbortController();
    const options = { burstMs: BURST_MS, clock: () => 0, signal: controller.signal };
    const between = pace(chunksOf(1000, 9), options);
    await between.next();
    controller.abort();
    const aborted = (error: unknown) => isAppError(error, 'aborted');
    await expect(between.next()).rejects.toSatisfy(aborted);
    await expect(pace(chunksOf(1000, 9), options).next()).rejects.toSatisfy(aborted);
  });

  it('sleeps in real time when nothing else is given', async () => {
    const startedAtMs = performance.now();
    let sent = 0;
    const options = { burstMs: 0, clock: () => performance.now() };
    for await (const _ of pace(chunksOf(20, 4), options)) sent += 1;
    expect(sent).toBe(4);
    expect(performance.now() - startedAtMs).toBeGreaterThan(40);
  });
});
