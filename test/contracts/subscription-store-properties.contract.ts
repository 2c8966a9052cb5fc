import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import {
  EVENT_TYPES,
  SUBSCRIPTION_LIFETIME_MS,
  type Subscription,
  type SubscriptionStore,
} from '../../src/domain/subscription.ts';
import { START_MS } from '../sample-records.ts';
import { readPages } from './pages.ts';
import type { OpenSubscriptionStore } from './subscription-store.contract.ts';

const CONNECTIONS = ['c1', 'C1', 'c2'];
const REQUESTS = ['r1', 'r2', 'ä', 'r#1'];
const HOUR_MS = 3_600_000;

const connectionId = fc.constantFrom(...CONNECTIONS);
const requestId = fc.constantFrom(...REQUESTS);
const limit = fc.constantFrom(1, 2, 100);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('subscribe' as const),
      connectionId,
      requestId,
      eventTypes: fc.subarray([...EVENT_TYPES], { minLength: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unsubscribe' as const), connectionId, requestId }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, HOUR_MS, 12 * HOUR_MS),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('list' as const), connectionId, requestId, limit }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteByConnection' as const), connectionId }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteExpired' as const), limit }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** A store does what a plain table of rows does, whatever the order of what is asked of it. */
export function describeSubscriptionStoreProperties(
  name: string,
  open: (clock: Clock) => OpenSubscriptionStore | Promise<OpenSubscriptionStore>,
  numRuns = 200,
): void {
  describe(`SubscriptionStore against a model: ${name}`, () => {
    it('answers as the model does', async () => {
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), async (steps) => {
          let nowMs = START_MS;
          const opened = await open(() => nowMs);
          // Where runs share a table, what others have left is of others.
          const comparison = compareWithModel(opened, `${(runs += 1)}-`);
          try {
            for (const next of steps) {
              if (next.kind === 'wait') nowMs += next.ms ?? 0;
              else await comparison.take(next, nowMs);
            }
            await comparison.checkAll(nowMs);
          } finally {
            await opened.close?.();
          }
        }),
        { numRuns },
      );
    });
  });
}

function compareWithModel({ store, expiresByItself }: OpenSubscriptionStore, prefix: string) {
  let model: Subscription[] = [];
  const isAlive = ({ createdAtMs }: Subscription, nowMs: number) =>
    nowMs - createdAtMs < SUBSCRIPTION_LIFETIME_MS;
  const remove = (isMeant: (each: Subscription) => boolean) => {
    model = model.filter((each) => !isMeant(each));
  };
  const isPair = (connection: string, request: string) => (each: Subscription) =>
    each.connectionId === connection && each.requestId === request;

  async function checkLists(connection: string, request: string, pageSize: number, nowMs: number) {
    const alive = model.filter((each) => isAlive(each, nowMs));
    const ofConnection = await readPages((page) => store.listByConnection(connection, page), pageSize);
    expect(sorted(ofConnection)).toEqual(sorted(alive.filter((each) => each.connectionId === connection)));
    const ofRequest = await readPages((page) => store.listByRequest(request, page), pageSize);
    expect(sorted(ofRequest)).toEqual(sorted(alive.filter((each) => each.requestId === request)));
  }

  return {
    async take(next: Exclude<Step, { kind: 'wait' }>, nowMs: number): Promise<void> {
      const connection = prefix + ('connectionId' in next ? next.connectionId : '');
      const request = prefix + ('requestId' in next ? next.requestId : '');
      if ('eventTypes' in next) {
        const { eventTypes } = next;
        const made = { connectionId: connection, requestId: request, eventTypes, createdAtMs: nowMs };
        await store.subscribe(made);
        remove(isPair(connection, request));
        model.push(made);
      } else if (next.kind === 'unsubscribe') {
        await store.unsubscribe(connection, request);
        remove(isPair(connection, request));
      } else if (next.kind === 'deleteByConnection') {
        const ofConnection = model.filter((each) => each.connectionId === connection);
        const count = ofConnection.filter((each) => isAlive(each, nowMs)).length;
        expect(await store.deleteByConnection(connection)).toBe(count);
        remove((each) => each.connectionId === connection);
      } else if ('limit' in next && next.kind === 'list') {
        await checkLists(connection, request, next.limit, nowMs);
      } else if ('limit' in next) {
        await deleteExpired(store, next.limit, nowMs);
      }
    },

    async checkAll(nowMs: number): Promise<void> {
      for (const connection of CONNECTIONS) {
        for (const request of REQUESTS) await checkLists(prefix + connection, prefix + request, 2, nowMs);
      }
    },
  };

  /** Which of them go first is the store's choice: so all go, a share at a time. */
  async function deleteExpired(from: SubscriptionStore, most: number, nowMs: number): Promise<void> {
    const expired = model.filter((each) => !isAlive(each, nowMs)).length;
    if (expiresByItself === true) {
      expect(await from.deleteExpired(nowMs, most)).toBe(0);
      return;
    }
    for (let left = expired; left > 0; left -= most) {
      expect(await from.deleteExpired(nowMs, most)).toBe(Math.min(most, left));
    }
    expect(await from.deleteExpired(nowMs, most)).toBe(0);
    remove((each) => !isAlive(each, nowMs));
  }
}

const sorted = (subscriptions: readonly Subscription[]): Subscription[] =>
  subscriptions.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
const keyOf = (each: Subscription): string => `${each.connectionId} ${each.requestId}`;
