import { AppError } from '../../domain/app-error.ts';
import { inEventOrder, SUBSCRIPTION_LIFETIME_MS, type Subscription } from '../../domain/subscription.ts';
import type { Item } from './dynamo-table.ts';
import { dateMs, text } from './item-fields.ts';
import { instant } from './request-item.ts';

/** No connection's id holds a `#`. */
export const subscriptionId = (connectionId: string, requestId: string): string =>
  `${connectionId}#${requestId}`;

export const toSubscriptionItem = ({
  connectionId,
  requestId,
  eventTypes,
  createdAtMs,
}: Subscription): Item => ({
  SubscriptionID: subscriptionId(connectionId, requestId),
  ConnectionID: connectionId,
  RequestID: requestId,
  EventTypes: new Set<string>(inEventOrder(eventTypes)),
  CreatedAt: instant(createdAtMs),
  // When DynamoDB may delete it, some days later; `CreatedAt` decides.
  TTL: Math.ceil((createdAtMs + SUBSCRIPTION_LIFETIME_MS) / 1000),
});

export function fromSubscriptionItem(item: Item): Subscription {
  const eventTypes = item['EventTypes'];
  if (!(eventTypes instanceof Set)) throw new AppError('internal', 'The attribute EventTypes holds no set.');
  return {
    connectionId: text(item, 'ConnectionID'),
    requestId: text(item, 'RequestID'),
    eventTypes: inEventOrder(eventTypes as ReadonlySet<string>),
    createdAtMs: dateMs(item, 'CreatedAt'),
  };
}
