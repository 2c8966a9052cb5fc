import { AppError } from '../../domain/app-error.ts';
import type { Caller } from '../../domain/caller.ts';
import type { ClientGateway } from '../../domain/client-gateway.ts';
import type { AsyncRequest } from '../../domain/request.ts';
import type { CallerWatch } from '../../services/caller-watch.ts';
import { eventTypeOf } from '../../services/share-states.ts';
import type { MessagePorts } from '../live/answer-message.ts';
import { eventText } from '../live/event-message.ts';
import type { LiveLimits } from '../live/live-limits.ts';
import type { ServerMessage } from '../live/message-sender.ts';
import { refusal, shownError, type MessageReceiver } from '../live/receive-message.ts';
import type { RealTimeCounters } from '../real-time-metrics.ts';
import { MAX_MESSAGE_BYTES } from '../schemas/ws-messages.ts';
import { GatewayWatches, type GatewayWatchPorts } from './gateway-watches.ts';

/** What all clients of a gateway have in common. */
export interface GatewayServices {
  readonly ports: MessagePorts & GatewayWatchPorts;
  readonly clients: ClientGateway;
  readonly callers: CallerWatch;
  readonly counters: RealTimeCounters;
  readonly limits: LiveLimits;
}

/** What ends a connection from here. A gateway closes with a code of its own: why, an `error` says before. */
const LAST_WORDS = {
  revoked: ['unauthorized', 'The session or key that opened this connection is not valid any more.'],
  flood: ['rate_limited', 'Too many messages.'],
} as const;

/** The client of one message, whose connection a gateway holds: what it is told goes there, one after the other. */
export class GatewayClient implements MessageReceiver {
  readonly connectionId: string;
  readonly caller: Caller;
  readonly signal: AbortSignal;
  readonly watches: GatewayWatches;
  readonly #services: GatewayServices;
  #sending: Promise<void> = Promise.resolve();
  #isEnded = false;
  #isGone = false;
  #hasFailed = false;

  constructor(services: GatewayServices, connectionId: string, caller: Caller, signal: AbortSignal) {
    this.#services = services;
    this.connectionId = connectionId;
    this.caller = caller;
    this.signal = signal;
    const { ports, limits } = services;
    this.watches = new GatewayWatches(
      ports,
      connectionId,
      limits.subscriptionsPerConnection,
      () => this.settled(),
      (state) => this.tell(state),
    );
  }

  get counters(): RealTimeCounters {
    return this.#services.counters;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether all that it was told has arrived at the gateway. */
  get isReached(): boolean {
    return !this.#isGone && !this.#hasFailed;
  }

  /** Whether the gateway said that the connection has ended. */
  get isGone(): boolean {
    return this.#isGone;
  }

  currentCaller(): Promise<Caller | null> {
    return this.#services.callers.find(this.caller);
  }

  toAppError(error: unknown): AppError {
    return shownError(this.#services.ports.log, this.connectionId, error);
  }

  reply(message: ServerMessage): void {
    const text = JSON.stringify(message);
    if (Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) this.#send(message.type, text);
    else {
      const error = new AppError('too_large', 'The answer is larger than a message may be.');
      this.#send('error', JSON.stringify(refusal(this.#services.ports, error, message.id)));
    }
  }

  tell(state: AsyncRequest): void {
    this.#send(eventTypeOf(state), eventText(this.#services.ports, state));
  }

  /** Nothing waits for it here. */
  forget(): void {}

  #send(type: Parameters<RealTimeCounters['sent']>[0], text: string): void {
    if (this.#isEnded) return;
    this.counters.sent(type);
    this.#then(async (clients) => {
      if ((await clients.post(this.connectionId, text)) === 'gone') this.#isGone = true;
    });
  }

  end(reason: keyof typeof LAST_WORDS): void {
    if (this.#isEnded) return;
    const [code, message] = LAST_WORDS[reason];
    this.reply(refusal(this.#services.ports, new AppError(code, message)));
    this.#isEnded = true;
    this.counters.closed('websocket', reason);
    this.#then((clients) => clients.disconnect(this.connectionId));
  }

  #then(send: (clients: ClientGateway) => Promise<void>): void {
    const { clients, ports } = this.#services;
    this.#sending = this.#sending.then(async () => {
      if (this.#isGone) return;
      try {
        await send(clients);
      } catch (error) {
        this.#hasFailed = true;
        ports.log.warn(
          { connectionId: this.connectionId, error },
          'a client at the gateway could not be told',
        );
      }
    });
  }

  /** Once all that it was told has been sent. */
  async settled(): Promise<void> {
    let sending: Promise<void>;
    do {
      sending = this.#sending;
      await sending;
    } while (sending !== this.#sending);
  }
}
