import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import {
  SUBSCRIPTION_LIFETIME_MS,
  type Subscription,
  type SubscriptionStore,
} from '../../src/domain/subscription.ts';
import { START_MS } from '../sample-records.ts';
import { readPages } from './pages.ts';

export interface OpenSubscriptionStore {
  readonly store: SubscriptionStore;
  /** The database deletes what has expired by itself, at a time of its own: there is nothing for a sweep. */
  readonly expiresByItself?: boolean;
  readonly close?: () => Promise<void> | void;
}

export const subscription = (
  connectionId: string,
  requestId: string,
  change: Partial<Subscription> = {},
): Subscription => ({ connectionId, requestId, eventTypes: ['complete'], createdAtMs: START_MS, ...change });

export const pairsOf = (subscriptions: readonly Subscription[]): string[] =>
  subscriptions.map(({ connectionId, requestId }) => `${connectionId} ${requestId}`).sort();

export function describeSubscriptionStoreContract(
  name: string,
  open: (clock: Clock) => OpenSubscriptionStore | Promise<OpenSubscriptionStore>,
): void {
  describe(`SubscriptionStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenSubscriptionStore;
    let store: SubscriptionStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const ofConnection = (connectionId: string, limit = 1000) =>
      readPages((page) => store.listByConnection(connectionId, page), limit);
    const ofRequest = (requestId: string, limit = 1000) =>
      readPages((page) => store.listByRequest(requestId, page), limit);
    const subscribeAll = async (pairs: readonly string[]) => {
      for (const pair of pairs) {
        const [connectionId = '', requestId = ''] = pair.split(' ');
        await store.subscribe(subscription(connectionId, requestId));
      }
    };

    it('lists a subscription by its connection and by its request, until it ends', async () => {
      const wanted = subscription('c1', 'r#1/ä', { eventTypes: ['progress', 'error'] });
      await store.subscribe(wanted);
      expect(await ofConnection('c1')).toEqual([wanted]);
      expect(await ofRequest('r#1/ä')).toEqual([wanted]);
      await store.unsubscribe('c1', 'r#1/ä');
      await store.unsubscribe('c1', 'r#1/ä');
      expect(await ofConnection('c1')).toEqual([]);
      expect(await ofRequest('r#1/ä')).toEqual([]);
    });

    it('has one for each connection and request: the last, with each type of event once', async () => {
      await store.subscribe(subscription('c1', 'r1'));
      await store.subscribe(
        subscription('c1', 'r1', {
          eventTypes: ['error', 'progress', 'error'],
          createdAtMs: START_MS + 1,
        }),
      );
      expect(await ofRequest('r1')).toEqual([
        subscription('c1', 'r1', { eventTypes: ['progress', 'error'], createdAtMs: START_MS + 1 }),
      ]);
    });

    it('lists page by page, none twice, and nothing of others', async () => {
      await subscribeAll(['c1 r1', 'c1 r3', 'c1 r2', 'c1 R2', 'c1 ä', 'c2 r1', 'c2 r3', 'c3 r1', 'C1 r1']);
      for (const limit of [1, 2, 5, 6]) {
        expect(pairsOf(await ofConnection('c1', limit))).toEqual([
          'c1 R2',
          'c1 r1',
          'c1 r2',
          'c1 r3',
          'c1 ä',
        ]);
        expect(pairsOf(await ofRequest('r1', limit))).toEqual(['C1 r1', 'c1 r1', 'c2 r1', 'c3 r1']);
      }
    });

    it('goes on with a list where the last page ended, though that subscription is gone', async () => {
      await subscribeAll(['c1 r1', 'c1 r2', 'c1 r3', 'c1 r4']);
      const first = await store.listByConnection('c1', { limit: 2 });
      for (const { requestId } of first.items) await store.unsubscribe('c1', requestId);
      const second = await store.listByConnection('c1', { limit: 2, after: first.next });
      expect(pairsOf([...first.items, ...second.items])).toEqual(['c1 r1', 'c1 r2', 'c1 r3', 'c1 r4']);
      expect(second.next).toBeUndefined();
    });

    it('refuses the place of another list', async () => {
      await store.subscribe(subscription('c1', 'r1'));
      const page = { limit: 1, after: [7] };
      await expect(store.listByConnection('c1', page)).rejects.toMatchObject({ field: 'cursor' });
      await expect(store.listByRequest('r1', page)).rejects.toMatchObject({ field: 'cursor' });
    });

    it('deletes all of a connection, more than a hundred too, and says how many', async () => {
      const many = Array.from({ length: 130 }, (_, place) => `c1 r${place}`);
      await subscribeAll([...many, 'c2 r1']);
      expect(await store.deleteByConnection('c1')).toBe(130);
      expect(await store.deleteByConnection('c1')).toBe(0);
      expect(await ofConnection('c1')).toEqual([]);
      expect(pairsOf(await ofRequest('r1'))).toEqual(['c2 r1']);
    });

    it('counts as gone what was made a day ago, wherever it asks', async () => {
      await store.subscribe(subscription('c1', 'r1'));
      await store.subscribe(subscription('c1', 'r2', { createdAtMs: START_MS + 1 }));
      nowMs = START_MS + SUBSCRIPTION_LIFETIME_MS - 1;
      expect(pairsOf(await ofConnection('c1'))).toEqual(['c1 r1', 'c1 r2']);
      nowMs += 1;
      expect(pairsOf(await ofConnection('c1', 1))).toEqual(['c1 r2']);
      expect(await ofRequest('r1')).toEqual([]);
      expect(await store.deleteByConnection('c1')).toBe(1);
      await store.subscribe(subscription('c1', 'r1', { createdAtMs: nowMs }));
      expect(pairsOf(await ofRequest('r1'))).toEqual(['c1 r1']);
    });

    it('removes what has expired, a bounded number at a time, or leaves it to the database', async () => {
      await subscribeAll(['c1 r1', 'c1 r2', 'c2 r1']);
      await store.subscribe(subscription('c1', 'r3', { createdAtMs: START_MS + 1 }));
      const expiredMs = START_MS + SUBSCRIPTION_LIFETIME_MS;
      expect(await store.deleteExpired(expiredMs - 1, 10)).toBe(0);
      const first = await store.deleteExpired(expiredMs, 2);
      const second = await store.deleteExpired(expiredMs, 2);
      expect([first, second]).toEqual(opened.expiresByItself === true ? [0, 0] : [2, 1]);
      // What the sweep took is gone for a clock that is set back, too.
      if (opened.expiresByItself !== true) expect(pairsOf(await ofConnection('c1'))).toEqual(['c1 r3']);
      nowMs = expiredMs;
      expect(pairsOf(await ofConnection('c1'))).toEqual(['c1 r3']);
    });

    it('takes the longest id for one as any other', async () => {
      const id = 'x'.repeat(5000);
      await store.unsubscribe(id, 'r1');
      expect((await store.listByConnection(id, { limit: 1 })).items).toEqual([]);
      expect((await store.listByRequest('', { limit: 1 })).items).toEqual([]);
      expect(await store.deleteByConnection(id)).toBe(0);
    });
  });
}
