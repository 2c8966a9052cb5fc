import type { Clock } from '../../domain/clock.ts';
import type { PageRequest } from '../../domain/page.ts';
import {
  inEventOrder,
  isSubscriptionAlive,
  type Subscription,
  type SubscriptionStore,
} from '../../domain/subscription.ts';
import { pageInOrder } from './sorted-page.ts';

export function createMemorySubscriptionStore(clock: Clock): SubscriptionStore {
  const subscriptions = new Map<string, Subscription>();

  const findWhere = (isMeant: (subscription: Subscription) => boolean): Subscription[] =>
    [...subscriptions.values()].filter(isMeant);
  const listAlive = (isMeant: (subscription: Subscription) => boolean, page: PageRequest) => {
    const nowMs = clock();
    const alive = findWhere((each) => isMeant(each) && isSubscriptionAlive(each, nowMs));
    return pageInOrder(alive, ({ connectionId, requestId }) => [connectionId, requestId], page);
  };
  const remove = (gone: readonly Subscription[]) => {
    for (const { connectionId, requestId } of gone) subscriptions.delete(keyOf(connectionId, requestId));
  };

  return {
    async subscribe(subscription) {
      const { connectionId, requestId, eventTypes } = subscription;
      const kept = { ...subscription, eventTypes: inEventOrder(eventTypes) };
      subscriptions.set(keyOf(connectionId, requestId), kept);
    },

    async unsubscribe(connectionId, requestId) {
      subscriptions.delete(keyOf(connectionId, requestId));
    },

    listByConnection: async (connectionId, page) =>
      listAlive((subscription) => subscription.connectionId === connectionId, page),

    listByRequest: async (requestId, page) =>
      listAlive((subscription) => subscription.requestId === requestId, page),

    async deleteByConnection(connectionId) {
      const nowMs = clock();
      const gone = findWhere((subscription) => subscription.connectionId === connectionId);
      remove(gone);
      return gone.filter((subscription) => isSubscriptionAlive(subscription, nowMs)).length;
    },

    async deleteExpired(nowMs, limit) {
      const gone = findWhere((subscription) => !isSubscriptionAlive(subscription, nowMs)).slice(0, limit);
      remove(gone);
      return gone.length;
    },
  };
}

/** No connection's id holds a `#`. */
const keyOf = (connectionId: string, requestId: string): string => `${connectionId}#${requestId}`;
