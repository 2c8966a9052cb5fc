import { throwIfAborted } from '../domain/abort.ts';
import type { Clock } from '../domain/clock.ts';
import { createSleeper } from './ticker.ts';

export interface PaceOptions {
  /** How much audio may be ahead of the clock; that much is sent at once in the beginning. */
  readonly burstMs: number;
  readonly clock: Clock;
  /** Resolves after about `ms`, or throws as soon as the signal is aborted: early or late, the next chunk's reckoning
   * makes up for it. Default: the ticks that all listeners share. */
  readonly sleep?: ((ms: number) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A chunk that is early by more than its own length and this: the clock was put back. */
const CLOCK_JUMP_MS = 1000;

/**
 * Releases chunks at playing speed: whenever less than `burstMs` of what was sent has yet to play. The next chunk is only
 * taken from the source once it is due.
 *
 * What has played is told by the clock from the first chunk on, not summed up from sleeps, so nothing drifts. A
 * listener who took nothing for longer than the burst has lost that time: it goes on with a new burst, no more. The
 * same when the clock is put back or forth.
 * @throws aborted as soon as `signal` is
 */
export async function* pace<Chunk extends { readonly durationMs: number }>(
  source: AsyncIterable<Chunk>,
  options: PaceOptions,
): AsyncGenerator<Chunk, void, undefined> {
  const { burstMs, clock, signal, sleep = createSleeper(signal) } = options;
  throwIfAborted(signal);
  let startedAtMs = clock();
  let sentMs = 0;
  const aheadMs = () => sentMs - (clock() - startedAtMs);
  for await (const chunk of source) {
    const { durationMs } = chunk;
    throwIfAborted(signal);
    if (aheadMs() < 0) startedAtMs = clock() - sentMs;
    yield chunk;
    throwIfAborted(signal);
    sentMs += durationMs;
    const earlyMs = aheadMs() - burstMs;
    const clockFellMs = earlyMs - durationMs;
    if (clockFellMs > CLOCK_JUMP_MS) startedAtMs -= clockFellMs;
    if (earlyMs > 0) await sleep(clockFellMs > CLOCK_JUMP_MS ? durationMs : earlyMs);
  }
}
