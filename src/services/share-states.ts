import type { Connection } from '../domain/connection.ts';
import { isFinal, type AsyncRequest } from '../domain/request.ts';
import type { EventType, Subscription } from '../domain/subscription.ts';
import { closeConnection } from './connections.ts';
import type { Ports } from './ports.ts';

export interface StateSharing {
  /** Once all that was heard of is shared: nothing is under way, and nothing waits. */
  settled(): Promise<void>;
  /** Hears of nothing more, shares what is under way and what waited for that, and no more. */
  stop(): Promise<void>;
}

type SharePorts = Pick<
  Ports,
  | 'hub'
  | 'subscriptions'
  | 'connections'
  | 'localConnections'
  | 'peers'
  | 'instanceEndpoint'
  | 'clock'
  | 'log'
>;

const SUBSCRIPTIONS_A_PAGE = 100;
/** Requests whose states are being shared at once; of the others the latest state waits. */
const MAX_UNDER_WAY = 16;
/** States that wait; beyond, those who watch find out when their instance looks at the queue. */
const MAX_WAITING = 10_000;
/** An instance that could not be reached is left alone for so long. */
const PAUSE_MS = 5000;

export interface ShareOptions {
  /**
   * For clients of a gateway, whom nobody else would tell: an end is shared once more after so long, with those whose
   * subscription an index did not show yet, or whom it did not reach. Who was told has no subscription any more.
   */
  readonly endsAgainMs?: number | undefined;
}

/** By which an index is late, with room to spare. */
export const INDEX_LAG_MS = 1000;

/**
 * Passes on to other instances what this process brings about, for the clients that are connected there: by the
 * `endpoint` of each connection that is subscribed. Of a request the latest state counts, so a slow instance holds
 * nothing up. What does not get through is found when the other instance looks at the queue by itself.
 */
export function shareStates(ports: SharePorts, { endsAgainMs }: ShareOptions = {}): StateSharing {
  const waiting = new Map<string, AsyncRequest>();
  const underWay = new Map<string, Promise<void>>();
  const pausedUntilMs = new Map<string, number>();
  let isStopped = false;

  const endHearing = ports.hub.onChange((request) => {
    // Nobody can have subscribed to what is new.
    if (request.seq <= 1) return;
    if (waiting.size >= MAX_WAITING && !waiting.has(request.requestId)) return;
    // The payload is nobody's business elsewhere, and may be large.
    waiting.set(request.requestId, { ...request, payload: null });
    next();
  });

  function next(): void {
    for (const [requestId, request] of waiting) {
      if (isStopped || underWay.size >= MAX_UNDER_WAY) return;
      if (underWay.has(requestId)) continue;
      waiting.delete(requestId);
      const sharing = shareWhole(request)
        .catch((error: unknown) => ports.log.warn({ requestId, error }, 'a state could not be shared'))
        .finally(() => {
          underWay.delete(requestId);
          next();
        });
      underWay.set(requestId, sharing);
    }
  }

  async function shareWhole(request: AsyncRequest): Promise<void> {
    await share(request);
    if (endsAgainMs === undefined || !isFinal(request.status)) return;
    await new Promise((resolve) => setTimeout(resolve, endsAgainMs));
    await share(request);
  }

  async function share(request: AsyncRequest): Promise<void> {
    for (let after; ;) {
      const page: Awaited<ReturnType<typeof ports.subscriptions.listByRequest>> =
        await ports.subscriptions.listByRequest(request.requestId, { limit: SUBSCRIPTIONS_A_PAGE, after });
      const wanted = page.items
        .filter((subscription) => wants(subscription, request))
        .map(({ connectionId }) => connectionId)
        .filter((connectionId) => !ports.localConnections.has(connectionId));
      if (wanted.length > 0) await shareWith(await ports.connections.findMany(wanted), request);
      if (page.next === undefined) return;
      after = page.next;
    }
  }

  async function shareWith(connections: readonly Connection[], request: AsyncRequest): Promise<void> {
    const own = ports.instanceEndpoint();
    const elsewhere = connections.filter(({ endpoint }) => endpoint !== '' && endpoint !== own);
    const byEndpoint = Map.groupBy(elsewhere, ({ endpoint }) => endpoint);
    await Promise.all([...byEndpoint].map(([endpoint, there]) => send(endpoint, there, request)));
  }

  async function send(
    endpoint: string,
    connections: readonly Connection[],
    request: AsyncRequest,
  ): Promise<void> {
    if ((pausedUntilMs.get(endpoint) ?? 0) > ports.clock()) return;
    const connectionIds = connections.map(({ connectionId }) => connectionId);
    try {
      const gone = await ports.peers.send(endpoint, { requests: [request], connectionIds });
      pausedUntilMs.delete(endpoint);
      for (const connectionId of gone) await closeConnection(ports, connectionId);
    } catch (error) {
      forgetPauses();
      pausedUntilMs.set(endpoint, ports.clock() + PAUSE_MS);
      ports.log.warn({ endpoint, requestId: request.requestId, error }, 'another instance is not reached');
    }
  }

  function forgetPauses(): void {
    for (const [endpoint, untilMs] of pausedUntilMs)
      if (untilMs <= ports.clock()) pausedUntilMs.delete(endpoint);
  }

  return {
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },

    async stop() {
      endHearing();
      // Then the latest states of the same requests have begun.
      await Promise.all(underWay.values());
      isStopped = true;
      await Promise.all(underWay.values());
    },
  };
}

const wants = ({ eventTypes }: Subscription, request: AsyncRequest): boolean =>
  eventTypes.includes(eventTypeOf(request));

/** As what a state is told. */
export function eventTypeOf({ status }: Pick<AsyncRequest, 'status'>): EventType {
  if (status === 'COMPLETED') return 'complete';
  return status === 'FAILED' || status === 'CANCELLED' ? 'error' : 'progress';
}
