import type { Caller } from '../domain/caller.ts';
import type { PageKey } from '../domain/page.ts';
import { isFinal, type AsyncRequest } from '../domain/request.ts';
import { EVENT_TYPES } from '../domain/subscription.ts';
import { getRequest } from './get-request.ts';
import type { Ports } from './ports.ts';

const PAGE_SIZE = 100;

export interface SubscribeOptions {
  readonly connectionId: string;
  /** States up to this `seq` are known already. */
  readonly since?: number | undefined;
  /** Before the subscription is written: from then on others may tell of the request. */
  readonly onBegin: () => Promise<void>;
  readonly onState: (state: AsyncRequest) => void;
}

/**
 * Subscribes a connection that a gateway holds: as `watchRequest`, but that nobody watches here. Whoever changes the
 * request tells the connection (share-states.ts); what changed before that could know of it is told now. So a state may
 * come twice, never not at all.
 * @throws not_found for what is not there, and for requests of others alike
 */
export async function subscribeConnection(
  ports: Pick<Ports, 'queue' | 'subscriptions' | 'clock'>,
  caller: Caller | null,
  requestId: string,
  { connectionId, since = 0, onBegin, onState }: SubscribeOptions,
): Promise<void> {
  const seen = await getRequest(ports, caller, requestId);
  if (isFinal(seen.status)) {
    if (seen.seq > since) onState(seen);
    return;
  }
  await onBegin();
  const createdAtMs = ports.clock();
  await ports.subscriptions.subscribe({ connectionId, requestId, eventTypes: EVENT_TYPES, createdAtMs });
  const now = await getRequest(ports, caller, requestId);
  if (now.seq > since) onState(now);
  if (isFinal(now.status)) await ports.subscriptions.unsubscribe(connectionId, requestId);
}

/** The requests that a connection is subscribed to, as the index has it. */
export async function subscribedRequests(
  { subscriptions }: Pick<Ports, 'subscriptions'>,
  connectionId: string,
): Promise<Set<string>> {
  const requestIds = new Set<string>();
  let after: PageKey | undefined;
  do {
    const page = await subscriptions.listByConnection(connectionId, { limit: PAGE_SIZE, after });
    for (const { requestId } of page.items) requestIds.add(requestId);
    after = page.next;
  } while (after !== undefined);
  return requestIds;
}

/**
 * Of the requests that a connection is subscribed to, those that have ended: whoever ended them was killed before it
 * could tell, or the gateway did not take it.
 */
export async function endedUntold(
  ports: Pick<Ports, 'queue' | 'subscriptions'>,
  connectionId: string,
): Promise<AsyncRequest[]> {
  const requestIds = [...(await subscribedRequests(ports, connectionId))];
  const ended: AsyncRequest[] = [];
  for (let at = 0; at < requestIds.length; at += PAGE_SIZE) {
    const requests = await ports.queue.findMany(requestIds.slice(at, at + PAGE_SIZE));
    ended.push(...requests.filter(({ status }) => isFinal(status)));
  }
  return ended;
}
