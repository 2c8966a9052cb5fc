import type { Caller } from '../domain/caller.ts';
import { isFinal, type AsyncRequest } from '../domain/request.ts';
import { EVENT_TYPES } from '../domain/subscription.ts';
import { getRequest } from './get-request.ts';
import type { Ports } from './ports.ts';

export interface Watch {
  /** The request as it was when the watch began. */
  readonly request: AsyncRequest;
  /** Idempotent. */
  end(): Promise<void>;
  /** Tells nothing more, and leaves the subscription to `closeConnection`, which deletes all of them at once. */
  leave(): void;
}

export interface WatchOptions {
  /** The connection that watches; other instances pass on to it what they bring about. */
  readonly connectionId: string;
  /** States up to this `seq` are known already. */
  readonly since?: number | undefined;
  /** Each state but those known already, in order; some may be left out, a final one never. Its first call may come
   * before `watchRequest` returns. */
  readonly onState: (request: AsyncRequest) => void;
}

/**
 * Subscribes a connection to a request: what came after `since` is told at once, folded into the state as it is now,
 * and from then on each state as it comes about. With a final state the subscription ends by itself.
 * @throws not_found for what is not there, and for requests of others alike
 */
export async function watchRequest(
  ports: Pick<Ports, 'queue' | 'hub' | 'subscriptions' | 'clock' | 'log'>,
  caller: Caller | null,
  requestId: string,
  { connectionId, since = 0, onState }: WatchOptions,
): Promise<Watch> {
  const seen = await getRequest(ports, caller, requestId);
  if (isFinal(seen.status)) {
    if (seen.seq > since) onState(seen);
    return { request: seen, end: async () => undefined, leave: () => undefined };
  }
  let toldSeq = since;
  let isEnded = false;
  const endHearing = ports.hub.watch(requestId, tell);

  function tell(request: AsyncRequest): void {
    if (isEnded || request.seq <= toldSeq) return;
    toldSeq = request.seq;
    if (isFinal(request.status)) endBeside();
    onState(request);
  }

  function leave(): void {
    isEnded = true;
    endHearing();
  }

  async function end(): Promise<void> {
    if (isEnded) return;
    leave();
    await ports.subscriptions.unsubscribe(connectionId, requestId);
  }

  function endBeside(): void {
    end().catch((error: unknown) => {
      const fields = { requestId, connectionId, error };
      ports.log.warn(fields, 'a subscription could not be deleted; it will expire');
    });
  }

  try {
    const createdAtMs = ports.clock();
    await ports.subscriptions.subscribe({ connectionId, requestId, eventTypes: EVENT_TYPES, createdAtMs });
    // What changed before other instances could know of the subscription.
    const now = await getRequest(ports, caller, requestId);
    tell(now);
    return { request: now, end, leave };
  } catch (error) {
    endBeside();
    throw error;
  }
}
