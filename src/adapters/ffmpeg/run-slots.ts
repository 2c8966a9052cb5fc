import { abortedError, throwIfAborted } from '../../domain/abort.ts';

/** Lets a number of runs go on at once; others wait in the order in which they came. */
export class RunSlots {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /** How many runs would begin at once. */
  get free(): number {
    return this.#free;
  }

  /** A slot that is free is taken before this returns. @throws aborted, while it waits; what `work` throws */
  async use<Result>(signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> {
    throwIfAborted(signal);
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    try {
      return await work();
    } finally {
      this.#pass();
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', give);
        resolve();
      };
      const give = () => {
        this.#waiting.delete(begin);
        if (signal !== undefined) reject(abortedError(signal));
      };
      signal?.addEventListener('abort', give, { once: true });
      this.#waiting.add(begin);
    });
  }

  /** To who has waited longest: a slot is free only while nobody waits. */
  #pass(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
