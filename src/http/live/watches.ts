import { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import { isFinal, type AsyncRequest } from '../../domain/request.ts';
import { watchRequest, type Watch } from '../../services/watch-request.ts';
import type { Watching } from './message-sender.ts';

export type WatchPorts = Parameters<typeof watchRequest>[0];

export const noRoom = (max: number): AppError =>
  new AppError('rate_limited', `A connection has at most ${max} subscriptions; end some first.`);

/** What a WebSocket of this process is subscribed to. Its methods are called one after the other. */
export class Watches implements Watching {
  /** null while a watch is being begun. */
  readonly #watches = new Map<string, Watch | null>();
  readonly #ports: WatchPorts;
  readonly #connectionId: string;
  readonly #max: number;
  readonly #onState: (state: AsyncRequest) => void;
  #isEnded = false;

  constructor(
    ports: WatchPorts,
    connectionId: string,
    max: number,
    /** Each state, in order. */
    onState: (state: AsyncRequest) => void,
  ) {
    this.#ports = ports;
    this.#connectionId = connectionId;
    this.#max = max;
    this.#onState = (state) => {
      // The last one of its request: the watch has ended by itself.
      if (isFinal(state.status)) this.#watches.delete(state.requestId);
      onState(state);
    };
  }

  has(requestId: string): boolean {
    return this.#watches.has(requestId);
  }

  checkRoom(): void {
    if (this.#watches.size < this.#max) return;
    throw noRoom(this.#max);
  }

  async begin(caller: Caller, requestId: string, since: number | undefined): Promise<void> {
    await this.end(requestId);
    this.checkRoom();
    this.#watches.set(requestId, null);
    try {
      const watch = await watchRequest(this.#ports, caller, requestId, {
        connectionId: this.#connectionId,
        since,
        onState: this.#onState,
      });
      if (this.#isEnded) watch.leave();
      else if (isFinal(watch.request.status)) this.#watches.delete(requestId);
      else if (this.#watches.has(requestId)) this.#watches.set(requestId, watch);
    } catch (error) {
      this.#watches.delete(requestId);
      throw error;
    }
  }

  async end(requestId: string): Promise<void> {
    const watch = this.#watches.get(requestId);
    this.#watches.delete(requestId);
    await watch?.end();
  }

  /** Without touching the subscriptions, which go with the record of the connection. */
  leaveAll(): void {
    this.#isEnded = true;
    for (const watch of this.#watches.values()) watch?.leave();
    this.#watches.clear();
  }
}
