import { abortedError, throwIfAborted } from '../domain/abort.ts';

/** Fine enough for listeners who are seconds ahead of what they play. */
const TICK_MS = 100;

/**
 * Wakes many sleepers at once: one timer for all of them, and all that is due within a tenth of a second is done in
 * one turn. With a timer each, hundreds of listeners wake the process as often, which costs more than what they are
 * sent.
 */
class Ticker {
  /** By the number of the tick that wakes them. */
  readonly #sleepers = new Map<number, Set<() => void>>();
  #tickNumber = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @returns takes the sleeper out again */
  wakeAfter(ms: number, wake: () => void): () => void {
    const dueTick = this.#tickNumber + Math.max(1, Math.ceil(ms / TICK_MS));
    const due = this.#sleepers.get(dueTick) ?? new Set();
    this.#sleepers.set(dueTick, due.add(wake));
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    return () => {
      due.delete(wake);
      // An empty one would keep the timer running until then.
      if (due.size === 0) this.#sleepers.delete(dueTick);
    };
  }

  #tick(): void {
    this.#tickNumber += 1;
    const due = this.#sleepers.get(this.#tickNumber) ?? [];
    this.#sleepers.delete(this.#tickNumber);
    if (this.#sleepers.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    for (const wake of due) wake();
  }
}

/** Of the process: all listeners share it, whatever they listen to. */
const ticker = new Ticker();

/**
 * For one who sleeps again and again.
 * @returns resolves up to a tenth of a second before or after `ms`; throws as soon as the signal is aborted
 */
export function createSleeper(signal: AbortSignal | undefined): (ms: number) => Promise<void> {
  let leave: () => void = () => undefined;
  // One listener for all of its sleeps.
  signal?.addEventListener('abort', () => leave(), { once: true });
  return async (ms) => {
    throwIfAborted(signal);
    await new Promise<void>((resolve) => {
      const takeOut = ticker.wakeAfter(ms, resolve);
      leave = () => {
        takeOut();
        resolve();
      };
    });
    if (signal?.aborted === true) throw abortedError(signal);
  };
}
