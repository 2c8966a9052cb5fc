import type { FastifyReply } from 'fastify';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Caller } from '../../domain/caller.ts';
import type { Connection } from '../../domain/connection.ts';
import { isFinal, type AsyncRequest } from '../../domain/request.ts';
import { eventTypeOf } from '../../services/share-states.ts';
import { watchRequest, type Watch } from '../../services/watch-request.ts';
import type { FailurePorts } from '../schemas/request.ts';
import type { CloseReason } from '../real-time-metrics.ts';
import { eventText } from './event-message.ts';
import type { EndReason, LiveClient, LiveConnections } from './live-connections.ts';
import type { WatchPorts } from './watches.ts';

/** When a client that was cut off comes again. */
const RETRY_MS = 3000;

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // For nginx: it would keep events back until there are some kilobytes of them.
  'x-accel-buffering': 'no',
};

export interface EventStreamOptions {
  readonly requestId: string;
  /** The client knows states up to this `seq`. */
  readonly since: number;
}

/** The event of a state: HTML, 9.2.6. */
export function toServerSentEvent(ports: FailurePorts, state: AsyncRequest): string {
  return `id: ${state.seq}\nevent: ${eventTypeOf(state)}\ndata: ${eventText(ports, state)}\n\n`;
}

/** What a stream begins with. */
export const EVENT_STREAM_HEAD = `retry: ${RETRY_MS}\n\n`;

/** The events of one request over HTTP: WHATWG HTML, 9.2 Server-sent events. */
export class EventStream implements LiveClient {
  readonly kind = 'sse';
  readonly record: Connection;
  readonly caller: Caller;
  heardAtMs: number;
  keptAtMs: number;
  waitsSinceMs: number | null = null;
  readonly #live: LiveConnections;
  readonly #ports: FailurePorts;
  readonly #reply: FastifyReply;
  /** The latest of those that the client has not taken. */
  #waiting: AsyncRequest | null = null;
  #watch: Watch | null = null;
  #isOpen = false;
  #closeReason: CloseReason | null = null;

  constructor(
    live: LiveConnections,
    ports: FailurePorts,
    reply: FastifyReply,
    record: Connection,
    caller: Caller,
  ) {
    this.#live = live;
    this.#ports = ports;
    this.#reply = reply;
    this.record = record;
    this.caller = caller;
    this.heardAtMs = ports.clock();
    this.keptAtMs = this.heardAtMs;
  }

  /**
   * Begins to watch, and the answer with it; an error is thrown before that.
   * @throws not_found
   */
  async open(ports: WatchPorts, { requestId, since }: EventStreamOptions): Promise<void> {
    const { connectionId } = this.record;
    const onState = (state: AsyncRequest) => this.#tell(state);
    const response = this.#reply.raw;
    try {
      this.#watch = await watchRequest(ports, this.caller, requestId, { connectionId, since, onState });
    } catch (error) {
      this.#release('failure');
      throw error;
    }
    this.#reply.hijack();
    if (response.destroyed) {
      this.#release('client');
      return;
    }
    response.once('close', () => {
      this.#release('client');
      this.#live.remove(this, this.#closeReason ?? 'client');
    });
    const headers = this.#reply.headers(EVENT_STREAM_HEADERS).getHeaders();
    response.writeHead(200, headers as OutgoingHttpHeaders);
    response.write(EVENT_STREAM_HEAD);
    this.#isOpen = true;
    this.#live.add(this);
    this.#goOn();
  }

  #tell(state: AsyncRequest): void {
    if (this.#closeReason !== null) return;
    if (this.#waiting !== null) this.#live.counters.folded();
    this.#waiting = state;
    if (this.#isOpen && this.waitsSinceMs === null) this.#goOn();
  }

  /** Writes what waits, once the client has taken what was written before. */
  #goOn(): void {
    this.waitsSinceMs = null;
    const state = this.#waiting;
    if (state === null || this.#closeReason !== null) return;
    this.#waiting = null;
    this.#live.counters.sent(eventTypeOf(state));
    this.#write(toServerSentEvent(this.#ports, state));
    if (!isFinal(state.status)) return;
    this.#release('ended');
    this.#reply.raw.end();
  }

  #write(text: string): void {
    const response = this.#reply.raw;
    if (response.write(text)) return;
    this.waitsSinceMs = this.#ports.clock();
    response.once('drain', () => {
      this.heardAtMs = this.#ports.clock();
      this.#goOn();
    });
  }

  beat(): void {
    if (this.#closeReason !== null || this.waitsSinceMs !== null) return;
    // What it has taken says that it is there.
    this.heardAtMs = this.#ports.clock();
    this.#write(': still here\n\n');
  }

  /** The client comes again, and is told why then. */
  end(reason: EndReason): void {
    if (this.#closeReason !== null) return;
    this.#release(reason);
    this.#reply.raw.end();
  }

  cut(reason: CloseReason): void {
    this.#release(reason);
    this.#reply.raw.destroy();
  }

  /** Nothing more is told. The first reason counts. */
  #release(reason: CloseReason): void {
    if (this.#closeReason !== null) return;
    this.#closeReason = reason;
    this.#waiting = null;
    this.#watch?.leave();
    this.#live.records.close(this.record);
  }
}
