import type { Caller } from '../../domain/caller.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { subscribeConnection, subscribedRequests } from '../../services/gateway-subscriptions.ts';
import type { Ports } from '../../services/ports.ts';
import type { Watching } from '../live/message-sender.ts';
import { noRoom } from '../live/watches.ts';

export type GatewayWatchPorts = Pick<Ports, 'queue' | 'subscriptions' | 'clock'>;

/** What a WebSocket that a gateway holds is subscribed to: records, and nothing in memory. Good for one message. */
export class GatewayWatches implements Watching {
  readonly #ports: GatewayWatchPorts;
  readonly #connectionId: string;
  readonly #max: number;
  readonly #onBegin: () => Promise<void>;
  readonly #onState: (state: AsyncRequest) => void;
  #known: Promise<Set<string>> | null = null;

  constructor(
    ports: GatewayWatchPorts,
    connectionId: string,
    max: number,
    /** Before others may tell of a request. */
    onBegin: () => Promise<void>,
    onState: (state: AsyncRequest) => void,
  ) {
    this.#ports = ports;
    this.#connectionId = connectionId;
    this.#max = max;
    this.#onBegin = onBegin;
    this.#onState = onState;
  }

  /** Read once for a message. */
  #find(): Promise<Set<string>> {
    this.#known ??= subscribedRequests(this.#ports, this.#connectionId);
    return this.#known;
  }

  async has(requestId: string): Promise<boolean> {
    return (await this.#find()).has(requestId);
  }

  async checkRoom(): Promise<void> {
    if ((await this.#find()).size >= this.#max) throw noRoom(this.#max);
  }

  async begin(caller: Caller, requestId: string, since: number | undefined): Promise<void> {
    if (!(await this.has(requestId))) await this.checkRoom();
    await subscribeConnection(this.#ports, caller, requestId, {
      connectionId: this.#connectionId,
      since,
      onBegin: this.#onBegin,
      onState: this.#onState,
    });
  }

  async end(requestId: string): Promise<void> {
    await this.#ports.subscriptions.unsubscribe(this.#connectionId, requestId);
  }
}
