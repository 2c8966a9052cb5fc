import type { AsyncRequest } from '../../domain/request.ts';

/**
 * What a client has not taken yet: of each request the latest state, so that there is never more than there are
 * subscriptions, and a final state, which nothing follows, is not lost.
 */
export class StateBacklog {
  readonly #states = new Map<string, AsyncRequest>();

  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** Takes the place of an earlier state of the request. @returns whether there was one */
  hold(state: AsyncRequest): boolean {
    const isFolded = this.#states.has(state.requestId);
    this.#states.set(state.requestId, state);
    return isFolded;
  }

  /** Of a request that nobody watches any more. */
  drop(requestId: string): void {
    this.#states.delete(requestId);
  }

  /** The one that has waited longest. */
  take(): AsyncRequest | undefined {
    for (const [requestId, state] of this.#states) {
      this.#states.delete(requestId);
      return state;
    }
    return undefined;
  }
}
