import type { Clock } from '../../domain/clock.ts';
import {
  isSubscriptionAlive,
  SUBSCRIPTION_LIFETIME_MS,
  type Subscription,
  type SubscriptionStore,
} from '../../domain/subscription.ts';
import type { Item } from './dynamo-table.ts';
import { readUnsortedPage } from './unsorted-page.ts';
import { dateMs, text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { fromSubscriptionItem, subscriptionId, toSubscriptionItem } from './subscription-item.ts';
import type { SubscriptionKey, SubscriptionTable } from './subscription-table.ts';

/**
 * One item each. Lists, and what is deleted with a connection, come from an index, which is late by some milliseconds:
 * a subscription that it did not know yet outlives its connection until DynamoDB deletes it, as all that have expired.
 */
export function openDynamoSubscriptionStore(table: SubscriptionTable, clock: Clock): SubscriptionStore {
  const toAlive = (item: Item): Subscription | null => {
    const subscription = fromSubscriptionItem(item);
    return isSubscriptionAlive(subscription, clock()) ? subscription : null;
  };

  return {
    subscribe: (subscription) => table.put(toSubscriptionItem(subscription)),

    async unsubscribe(connectionId, requestId) {
      const id = subscriptionId(connectionId, requestId);
      if (fitsKey(id)) await table.delete(keyOf(id));
    },

    listByConnection: (connectionId, page) =>
      readUnsortedPage(table, CONNECTION_INDEX, connectionId, page, toAlive),

    listByRequest: (requestId, page) => readUnsortedPage(table, REQUEST_INDEX, requestId, page, toAlive),

    async deleteByConnection(connectionId) {
      if (!fitsKey(connectionId)) return 0;
      const goneSinceMs = clock() - SUBSCRIPTION_LIFETIME_MS;
      const fields = ['SubscriptionID', 'CreatedAt'];
      let count = 0;
      let after: Item | undefined;
      do {
        const query = { index: 'ConnectionIndex', partition: connectionId, fields, after } as const;
        const page = await table.query(query);
        await table.writeMany(page.items.map((item) => ({ delete: keyOf(text(item, 'SubscriptionID')) })));
        count += page.items.filter((item) => dateMs(item, 'CreatedAt') > goneSinceMs).length;
        after = page.last;
      } while (after !== undefined);
      return count;
    },

    // There is no index by time, and none is needed: DynamoDB does it.
    deleteExpired: async () => 0,
  };
}

const keyOf = (id: string): SubscriptionKey => ({ SubscriptionID: id });

const CONNECTION_INDEX = {
  index: 'ConnectionIndex',
  attribute: 'ConnectionID',
  keyAttribute: 'SubscriptionID',
} as const;
const REQUEST_INDEX = {
  index: 'RequestIndex',
  attribute: 'RequestID',
  keyAttribute: 'SubscriptionID',
} as const;
