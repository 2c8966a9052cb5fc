import type { Caller } from '../../domain/caller.ts';
import type { Connection } from '../../domain/connection.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import type { Ports } from '../../services/ports.ts';
import { createCallerWatch, type CallerWatch } from '../../services/caller-watch.ts';
import type { CloseReason, LiveKind, RealTimeCounters } from '../real-time-metrics.ts';
import { createConnectionRecords, type ConnectionRecords, type RecordPorts } from './connection-records.ts';
import type { LiveLimits } from './live-limits.ts';

/** Why the server ends a connection, and says so. */
export type EndReason = Extract<CloseReason, 'revoked' | 'flood' | 'shutdown'>;

/** A client that stays connected, as the one that looks after all of them sees it. */
export interface LiveClient {
  readonly kind: LiveKind;
  readonly record: Connection;
  readonly caller: Caller;
  /** When it was heard of last. */
  readonly heardAtMs: number;
  /** When its record was told of that last. */
  keptAtMs: number;
  /** Since when something waits for it that it does not take; null when nothing does. */
  readonly waitsSinceMs: number | null;
  /** Asks for a sign of life, or gives one. */
  beat(): void;
  /** Tells it nothing more, and closes once it has what was written. Idempotent. */
  end(reason: EndReason): void;
  /** Destroys the connection at once. */
  cut(reason: CloseReason): void;
}

/** All clients that stay connected to this process: looked after by timers that they share, and closed with the server. */
export interface LiveConnections {
  readonly limits: LiveLimits;
  readonly callers: CallerWatch;
  readonly records: ConnectionRecords;
  readonly counters: RealTimeCounters;
  /** From now on the client is looked after; ended at once while the server stops. */
  add(client: LiveClient): void;
  /** Its connection has closed. */
  remove(client: LiveClient, reason: CloseReason): void;
  /** Ends all connections: told first, cut after `closeMs`. */
  stop(): Promise<void>;
}

export type LivePorts = RecordPorts & Pick<Ports, 'sessions' | 'apiKeys' | 'users' | 'policy'>;

/** Looks at callers and writes of records that are under way at once. */
const MAX_UNDER_WAY = 16;
/** How often to look for clients that take nothing, within the time that they have. */
const LOOKS_A_STALL = 6;

export function createLiveConnections(
  ports: LivePorts,
  limits: LiveLimits,
  counters: RealTimeCounters,
): LiveConnections {
  const clients = new Set<LiveClient>();
  const callers = createCallerWatch(ports, limits);
  const records = createConnectionRecords(ports, limits);
  let isLooking = false;
  let isStopping = false;
  let onEmpty: () => void = () => undefined;

  function drop(client: LiveClient, reason: CloseReason): void {
    const { connectionId, userId } = client.record;
    ports.log.info({ connectionId, userId, kind: client.kind, reason }, 'connection dropped');
    client.cut(reason);
  }

  function beat(kind: LiveKind): void {
    for (const client of clients) if (client.kind === kind) client.beat();
  }

  function lookForStalled(): void {
    const nowMs = ports.clock();
    for (const client of clients) {
      const { waitsSinceMs } = client;
      if (waitsSinceMs !== null && nowMs - waitsSinceMs >= limits.stallMs) drop(client, 'slow');
    }
  }

  function lookAfterAll(): void {
    const nowMs = ports.clock();
    for (const client of clients) {
      if (nowMs - client.heardAtMs >= limits.silenceMs) drop(client, 'idle');
    }
    beat('websocket');
    if (isLooking) return;
    isLooking = true;
    Promise.all([checkCallers(), keepRecords(nowMs)])
      .catch((error: unknown) => ports.log.warn({ error }, 'connections could not be looked after'))
      .finally(() => {
        isLooking = false;
      });
  }

  async function checkCallers(): Promise<void> {
    // Those of one session or key together: the first look serves them all.
    const groups = Map.groupBy(clients, ({ caller }) => caller.credential?.hash ?? caller.userId);
    await mapBounded([...groups.values()], MAX_UNDER_WAY, async ([first, ...others]) => {
      if (first === undefined) return;
      try {
        if ((await callers.findNow(first.caller)) === null) first.end('revoked');
        for (const other of others) {
          if ((await callers.find(other.caller)) === null) other.end('revoked');
        }
      } catch (error) {
        const { userId } = first.record;
        ports.log.warn({ userId, error }, 'who is connected could not be looked up; trying again');
      }
    });
  }

  async function keepRecords(nowMs: number): Promise<void> {
    const due = [...clients].filter(
      ({ heardAtMs, keptAtMs }) => nowMs - keptAtMs >= limits.keepMs && heardAtMs > keptAtMs,
    );
    await mapBounded(due, MAX_UNDER_WAY, async (client) => {
      try {
        await records.keep(client.record);
        client.keptAtMs = nowMs;
      } catch (error) {
        const { connectionId } = client.record;
        ports.log.warn({ connectionId, error }, 'a connection could not be kept; trying again');
      }
    });
  }

  /** Until all have closed, or `closeMs` are over. */
  async function closed(): Promise<void> {
    if (clients.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      onEmpty = resolve;
      timer = setTimeout(resolve, limits.closeMs);
    });
    clearTimeout(timer);
  }

  /** Only while there is somebody: a function, which is frozen between two requests, has nobody to look after. */
  let timers: NodeJS.Timeout[] = [];
  function beginLooking(): void {
    timers = [
      setInterval(lookAfterAll, limits.pingMs),
      setInterval(() => beat('sse'), limits.commentMs),
      setInterval(lookForStalled, limits.stallMs / LOOKS_A_STALL),
    ];
    for (const timer of timers) timer.unref();
  }
  function endLooking(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }

  return {
    limits,
    callers,
    records,
    counters,

    add(client) {
      if (clients.size === 0) beginLooking();
      clients.add(client);
      counters.connected(client.kind);
      if (isStopping) client.end('shutdown');
    },

    remove(client, reason) {
      if (clients.delete(client)) counters.closed(client.kind, reason);
      if (clients.size > 0) return;
      endLooking();
      onEmpty();
    },

    async stop() {
      isStopping = true;
      records.refuse();
      endLooking();
      for (const client of [...clients]) client.end('shutdown');
      await closed();
      for (const client of [...clients]) client.cut('shutdown');
      await records.settled();
    },
  };
}
