import { Counter, Gauge, type Registry } from 'prom-client';

export const LIVE_KINDS = ['websocket', 'sse'] as const;
/** How a client is connected that hears live what becomes of requests. */
export type LiveKind = (typeof LIVE_KINDS)[number];

/** What a client sends; `invalid` for what is none of these. */
export const RECEIVED_TYPES = ['request', 'subscribe', 'unsubscribe', 'cancel', 'ping', 'invalid'] as const;
export type ReceivedType = (typeof RECEIVED_TYPES)[number];

/** What a client is sent. */
export const SENT_TYPES = ['acknowledgment', 'response', 'progress', 'complete', 'error', 'pong'] as const;
export type SentType = (typeof SENT_TYPES)[number];

/** `client`: it went, whether it said so or not. `ended`: all that it was there for has been told. */
export const CLOSE_REASONS = [
  'client',
  'ended',
  'idle',
  'slow',
  'flood',
  'revoked',
  'shutdown',
  'failure',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** Told by those who hold the connections; each call costs an addition, whatever its number. */
export interface RealTimeCounters {
  connected(kind: LiveKind): void;
  /** Once for each that was connected. */
  closed(kind: LiveKind, reason: CloseReason): void;
  received(type: ReceivedType): void;
  sent(type: SentType): void;
  /** A state that a slow client was not sent, since a later one took its place. */
  folded(): void;
  /** A message that came too fast and was not looked at. */
  dropped(): void;
}

/** Every label is one of the lists above. The counts are plain numbers, which go into the registry when it is read: a
 * thousand sockets are sent a thousand messages at a time. */
export function createRealTimeMetrics(registers: Registry[]): RealTimeCounters {
  const connected = zeroes(LIVE_KINDS);
  const received = zeroes(RECEIVED_TYPES);
  const sent = zeroes(SENT_TYPES);
  const closed = { websocket: zeroes(CLOSE_REASONS), sse: zeroes(CLOSE_REASONS) };
  let folded = 0;
  let dropped = 0;

  new Gauge({
    name: 'earshot_live_connections',
    help: 'Clients of this process that are connected to hear live what becomes of requests.',
    labelNames: ['kind'],
    registers,
    collect() {
      for (const kind of LIVE_KINDS) this.set({ kind }, connected[kind]);
    },
  });
  new Counter({
    name: 'earshot_live_connections_closed_total',
    help: 'Such connections that have ended, and why.',
    labelNames: ['kind', 'reason'],
    registers,
    collect() {
      this.reset();
      for (const kind of LIVE_KINDS)
        for (const reason of CLOSE_REASONS) this.inc({ kind, reason }, closed[kind][reason]);
    },
  });
  new Counter({
    name: 'earshot_live_messages_received_total',
    help: 'Messages that clients have sent.',
    labelNames: ['type'],
    registers,
    collect() {
      this.reset();
      for (const type of RECEIVED_TYPES) this.inc({ type }, received[type]);
    },
  });
  new Counter({
    name: 'earshot_live_messages_sent_total',
    help: 'Messages that clients were sent.',
    labelNames: ['type'],
    registers,
    collect() {
      this.reset();
      for (const type of SENT_TYPES) this.inc({ type }, sent[type]);
    },
  });
  new Counter({
    name: 'earshot_live_messages_folded_total',
    help: 'States that slow clients were not sent, since later ones took their place.',
    registers,
    collect() {
      this.reset();
      this.inc(folded);
    },
  });
  new Counter({
    name: 'earshot_live_messages_dropped_total',
    help: 'Messages of clients that came too fast and were not looked at.',
    registers,
    collect() {
      this.reset();
      this.inc(dropped);
    },
  });

  return {
    connected: (kind) => {
      connected[kind] += 1;
    },
    closed: (kind, reason) => {
      connected[kind] -= 1;
      closed[kind][reason] += 1;
    },
    received: (type) => {
      received[type] += 1;
    },
    sent: (type) => {
      sent[type] += 1;
    },
    folded: () => {
      folded += 1;
    },
    dropped: () => {
      dropped += 1;
    },
  };
}

const zeroes = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
