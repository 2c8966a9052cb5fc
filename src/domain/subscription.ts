import { ValidationError } from './app-error.ts';
import { checkConnectionId } from './connection.ts';
import type { Page, PageRequest } from './page.ts';
import { checkStoredDate, checkStoredId } from './stored-field.ts';

export const EVENT_TYPES = ['progress', 'complete', 'error'] as const;
/** What a connection may hear of a request: how far it is, its result, or why there is none. */
export type EventType = (typeof EVENT_TYPES)[number];

/** That a connection wants to hear of a request. */
export interface Subscription {
  readonly connectionId: string;
  readonly requestId: string;
  /** At least one. A set: stores give them in the order of {@link EVENT_TYPES}, each once. */
  readonly eventTypes: readonly EventType[];
  readonly createdAtMs: number;
}

export const SUBSCRIPTION_LIFETIME_MS = 24 * 3_600_000;

export const isSubscriptionAlive = ({ createdAtMs }: Subscription, nowMs: number): boolean =>
  createdAtMs + SUBSCRIPTION_LIFETIME_MS > nowMs;

export const inEventOrder = (eventTypes: Iterable<string>): EventType[] => {
  const wanted = new Set(eventTypes);
  return EVENT_TYPES.filter((type) => wanted.has(type));
};

/**
 * Those made {@link SUBSCRIPTION_LIFETIME_MS} ago count as gone, whether they are deleted or not.
 *
 * Lists may be late by some milliseconds, and so may what `deleteByConnection` finds. They are in an order of the
 * store's own, in which each page goes on where the one before ended.
 */
export interface SubscriptionStore {
  /** Replaces the one of the same connection and request. */
  subscribe(subscription: Subscription): Promise<void>;
  /** Idempotent. */
  unsubscribe(connectionId: string, requestId: string): Promise<void>;
  listByConnection(connectionId: string, page: PageRequest): Promise<Page<Subscription>>;
  listByRequest(requestId: string, page: PageRequest): Promise<Page<Subscription>>;
  /** Idempotent. @returns how many there were */
  deleteByConnection(connectionId: string): Promise<number>;
  /** For the sweep: those that count as gone. @returns how many there were, at most `limit`; 0 where the database
   * deletes them by itself */
  deleteExpired(nowMs: number, limit: number): Promise<number>;
}

/** @throws {ValidationError} for what no store can hold */
export function checkSubscription(subscription: Subscription): void {
  checkConnectionId(subscription.connectionId);
  checkStoredId('requestId', subscription.requestId);
  if (inEventOrder(subscription.eventTypes).length === 0) {
    throw new ValidationError('eventTypes', `This must hold at least one of ${EVENT_TYPES.join(', ')}.`);
  }
  checkStoredDate('createdAtMs', subscription.createdAtMs);
}
