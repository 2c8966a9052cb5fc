import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Connection } from '../../domain/connection.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import { eventTypeOf } from '../../services/share-states.ts';
import type { CloseReason, RealTimeCounters } from '../real-time-metrics.ts';
import type { MessagePorts } from './answer-message.ts';
import { eventFrame } from './event-message.ts';
import type { EndReason, LiveClient, LiveConnections } from './live-connections.ts';
import type { ServerMessage } from './message-sender.ts';
import {
  costOf,
  receiveMessage,
  refusal,
  shownError,
  type MessageReceiver,
  type ReceivedData,
} from './receive-message.ts';
import { StateBacklog } from './state-backlog.ts';
import { TokenBucket } from './token-bucket.ts';
import { Watches, type WatchPorts } from './watches.ts';

/** RFC 6455, 7.4.1; 4000 and above are the application's own. */
const CLOSE_CODES = {
  revoked: [4401, 'the session or key is not valid any more'],
  flood: [1008, 'too many messages'],
  shutdown: [1001, 'the server is stopping'],
} as const satisfies Record<EndReason, readonly [number, string]>;

/** So many messages are read ahead of the one that is being answered; then the client has to wait. */
const MAX_INBOX = 16;

/** What all WebSockets of a server have in common. */
export interface SocketServices {
  readonly ports: MessagePorts & WatchPorts;
  readonly live: LiveConnections;
}

/**
 * One WebSocket: answers its messages one after the other, and tells it what becomes of the requests that it watches.
 * There may be thousands, most of them idle: what only some need is made when they need it.
 */
export class SocketConnection implements LiveClient, MessageReceiver {
  readonly kind = 'websocket';
  readonly record: Connection;
  readonly caller: Caller;
  heardAtMs: number;
  keptAtMs: number;
  waitsSinceMs: number | null = null;
  readonly #services: SocketServices;
  readonly #socket: WebSocket;
  /** What the socket writes to: it tells when it has drained. */
  readonly #stream: Duplex;
  readonly #bucket: TokenBucket;
  #watches: Watches | null = null;
  #backlog: StateBacklog | null = null;
  #inbox: ReceivedData[] | null = null;
  #isAnswering = false;
  #ending: AbortController | null = null;
  #closeReason: CloseReason | null = null;

  constructor(
    services: SocketServices,
    socket: WebSocket,
    stream: Duplex,
    record: Connection,
    caller: Caller,
  ) {
    const { limits } = services.live;
    const nowMs = services.ports.clock();
    this.#services = services;
    this.#socket = socket;
    this.#stream = stream;
    this.record = record;
    this.caller = caller;
    this.heardAtMs = nowMs;
    this.keptAtMs = nowMs;
    this.#bucket = new TokenBucket({ burst: limits.messageBurst }, nowMs);
  }

  get connectionId(): string {
    return this.record.connectionId;
  }

  get signal(): AbortSignal {
    this.#ending ??= new AbortController();
    if (this.isEnded) this.#ending.abort(new AppError('aborted', 'The client has gone.'));
    return this.#ending.signal;
  }

  get watches(): Watches {
    const { ports, live } = this.#services;
    this.#watches ??= new Watches(ports, this.connectionId, live.limits.subscriptionsPerConnection, (state) =>
      this.tell(state),
    );
    if (this.isEnded) this.#watches.leaveAll();
    return this.#watches;
  }

  /** A message has come. */
  receive(data: Buffer, isBinary: boolean): void {
    if (!this.#spend(costOf(data.length))) return;
    (this.#inbox ??= []).push({ data, isBinary });
    this.#holdBack();
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    this.#answerAll()
      .catch((error: unknown) => {
        this.#services.ports.log.error(
          { connectionId: this.connectionId, error },
          'a message was not answered',
        );
      })
      .finally(() => {
        this.#isAnswering = false;
      });
  }

  /** A ping of the protocol has come: RFC 6455, 5.5.2. */
  receivePing(data: Buffer): void {
    if (this.#spend(1) && !this.#isFull) this.#socket.pong(data);
  }

  receivePong(): void {
    this.#spend(1);
  }

  /** @returns whether the client may say this */
  #spend(cost: number): boolean {
    const { ports, live } = this.#services;
    const { messageBurst: burst, messagesPerSecond: perSecond } = live.limits;
    if (this.isEnded) return false;
    this.heardAtMs = ports.clock();
    const spending = this.#bucket.spend(cost, { burst, perSecond }, this.heardAtMs);
    if (spending === 'allowed') return true;
    live.counters.dropped();
    if (spending === 'flooded') this.end('flood');
    else {
      const error = new AppError('rate_limited', `At most ${perSecond} messages a second, for long.`);
      this.reply(refusal(ports, error));
    }
    return false;
  }

  async #answerAll(): Promise<void> {
    for (;;) {
      const message = this.#inbox?.shift();
      if (message === undefined || this.isEnded) return;
      await receiveMessage(this.#services.ports, this, message);
      this.#holdBack();
    }
  }

  get counters(): RealTimeCounters {
    return this.#services.live.counters;
  }

  currentCaller(): Promise<Caller | null> {
    return this.#services.live.callers.find(this.caller);
  }

  toAppError(error: unknown): AppError {
    return shownError(this.#services.ports.log, this.connectionId, error);
  }

  reply(message: ServerMessage): void {
    if (this.isEnded) return;
    this.#services.live.counters.sent(message.type);
    this.#socket.send(JSON.stringify(message));
    this.#holdBack();
  }

  tell(state: AsyncRequest): void {
    if (this.isEnded) return;
    if (this.waitsSinceMs === null && !this.#isFull) {
      this.#sendState(state);
      return;
    }
    this.#backlog ??= new StateBacklog();
    if (this.#backlog.hold(state)) this.#services.live.counters.folded();
    this.#wait();
  }

  forget(requestId: string): void {
    this.#backlog?.drop(requestId);
  }

  /** Past the socket, whose frame would be made anew for each client: nothing is compressed, so that nothing waits in it. */
  #sendState(state: AsyncRequest): void {
    const { ports, live } = this.#services;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    live.counters.sent(eventTypeOf(state));
    this.#stream.write(eventFrame(ports, state));
  }

  get #isFull(): boolean {
    return this.#stream.writableLength > this.#services.live.limits.bufferedBytes;
  }

  /** Who does not take its answers, or asks faster than is answered, is not listened to for a while. */
  #holdBack(): void {
    if (this.isEnded) return;
    if (this.#isFull) this.#wait();
    const isPaused = this.waitsSinceMs !== null || (this.#inbox?.length ?? 0) >= MAX_INBOX;
    if (isPaused === this.#socket.isPaused) return;
    if (isPaused) this.#socket.pause();
    else this.#socket.resume();
  }

  #wait(): void {
    if (this.waitsSinceMs !== null) return;
    this.waitsSinceMs = this.#services.ports.clock();
    this.#stream.once('drain', () => this.#goOn());
  }

  /** The client has taken all that was written. */
  #goOn(): void {
    this.waitsSinceMs = null;
    while (!this.isEnded && !this.#isFull) {
      const state = this.#backlog?.take();
      if (state === undefined) break;
      this.#sendState(state);
    }
    if (this.#backlog?.isEmpty === false) this.#wait();
    this.#holdBack();
  }

  beat(): void {
    if (!this.isEnded && this.waitsSinceMs === null) this.#socket.ping();
  }

  end(reason: EndReason): void {
    if (this.isEnded) return;
    this.release(reason);
    // Paused, it would not read the client's answer.
    this.#socket.resume();
    const [code, text] = CLOSE_CODES[reason];
    this.#socket.close(code, text);
  }

  cut(reason: CloseReason): void {
    this.release(reason);
    this.#socket.terminate();
  }

  /** Why it ended; null as long as it has not. */
  get closeReason(): CloseReason | null {
    return this.#closeReason;
  }

  get isEnded(): boolean {
    return this.#closeReason !== null;
  }

  /** Nothing more is heard or told. The first reason counts. */
  release(reason: CloseReason): void {
    if (this.isEnded) return;
    this.#closeReason = reason;
    this.waitsSinceMs = null;
    this.#watches?.leaveAll();
    this.#backlog = null;
    this.#inbox = null;
    this.#ending?.abort(new AppError('aborted', 'The client has gone.'));
    this.#services.live.records.close(this.record);
  }
}
