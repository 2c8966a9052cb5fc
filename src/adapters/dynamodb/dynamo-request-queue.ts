import type { Clock, NewId } from '../../domain/clock.ts';
import type { AsyncRequest, Lease, RequestQueue, RequestTally } from '../../domain/request.ts';
import {
  arrived,
  cancelledOnce,
  completed,
  failed,
  movedFrom,
  progressed,
  released,
  retried,
} from '../../domain/request-transitions.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { all, compare, equal } from './expression.ts';
import { dateMs, text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { chunksOf } from './repetition.ts';
import { createRequestClaims } from './request-claims.ts';
import { fromRequestItem, instant, isAlive } from './request-item.ts';
import { openRequestList } from './request-list.ts';
import { createRequestOrder } from './request-order.ts';
import type { RequestTable } from './request-table.ts';
import { keyOfRequest, leaseLost, openRequestWrites } from './request-writes.ts';

export interface DynamoRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

const OPEN = ['PENDING', 'RETRYING', 'PROCESSING'] as const;
const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED'] as const;
const DELETES_AT_ONCE = 25;

/** A request is one item, and each of its changes one conditional write: on what was read of it before. */
export function openDynamoRequestQueue(
  table: RequestTable,
  { clock, newId }: DynamoRequestQueueOptions,
): RequestQueue {
  const order = createRequestOrder();
  const writes = openRequestWrites(table, clock);
  const claim = createRequestClaims(table, writes, { clock, newId });
  const list = openRequestList(table, clock);

  const work = (lease: Lease, step: (request: AsyncRequest) => AsyncRequest): Promise<AsyncRequest> =>
    writes.takeStep(lease.requestId, step, lease);

  async function* listStatus(status: string, fields: readonly string[]): AsyncGenerator<Item> {
    const filter = compare('TTL', '>', clock() / 1000);
    yield* table.queryAll({ index: 'StatusIndex', partition: status, filter, fields });
  }

  return {
    async enqueue(newRequest) {
      const nowMs = clock();
      const request = arrived(copyOf(newRequest), nowMs);
      await writes.create(request, order(nowMs));
      return request;
    },

    async claim(actions, leaseMs, limit, onGivenUp) {
      if (actions.length === 0 || limit < 1) return [];
      return claim({ actions, leaseMs, limit, onGivenUp });
    },

    async renew(lease, leaseMs) {
      const untilMs = clock() + leaseMs;
      try {
        const isHeld = all(equal('LeaseToken', lease.token), equal('Status', 'PROCESSING'));
        await table.update(keyOfRequest(lease.requestId), { set: { LeaseUntil: instant(untilMs) } }, isHeld);
      } catch (error) {
        throw error instanceof ConditionFailed ? leaseLost() : error;
      }
      return { ...lease, untilMs };
    },

    async progress(lease, progress) {
      const told = copyOf(progress);
      return work(lease, (request) => progressed(request, told));
    },

    async complete(lease, result) {
      const kept = copyOf(result);
      return work(lease, (request) => completed(request, clock(), kept));
    },

    async fail(lease, failure, retryAtMs) {
      const kept = copyOf(failure);
      return work(lease, (request) => failed(request, clock(), kept, retryAtMs));
    },

    release: (lease) => work(lease, (request) => released(request, clock())),

    cancel: (requestId) => writes.takeStep(requestId, (request) => cancelledOnce(request, clock())),

    retry: (requestId) => writes.takeStep(requestId, (request) => retried(request, clock())),

    updateStatus: (requestId, from, to) =>
      writes.takeStep(requestId, (request) => movedFrom(request, from, to, clock())),

    async find(requestId) {
      const item = await writes.read(requestId);
      return item === null || !isAlive(item, clock()) ? null : fromRequestItem(item);
    },

    async findMany(requestIds) {
      const keys = requestIds.filter((requestId) => fitsKey(requestId)).map(keyOfRequest);
      const items = await table.getMany(keys, { consistent: true });
      return items.filter((item) => isAlive(item, clock())).map(fromRequestItem);
    },

    list,

    async delete(requestId) {
      if (fitsKey(requestId)) await table.delete(keyOfRequest(requestId));
    },

    async deleteEnded(beforeMs, limit) {
      const before = instant(beforeMs);
      const found: Item[] = [];
      for (const status of ENDED) {
        if (found.length >= limit) break;
        const query = {
          index: 'StatusIndex',
          partition: status,
          // Whatever ended before then was created before then.
          sort: compare('CreatedAt', '<', before),
          filter: compare('ProcessingEnded', '<', before),
          fields: ['RequestID'],
        } as const;
        for await (const item of table.queryAll(query)) {
          found.push(item);
          if (found.length >= limit) break;
        }
      }
      let deleted = 0;
      for (const some of chunksOf(found, DELETES_AT_ONCE)) {
        const outcomes = await Promise.all(
          some.map((item) => writes.deleteEnded(text(item, 'RequestID'), before)),
        );
        deleted += outcomes.filter(Boolean).length;
      }
      return deleted;
    },

    async countOpen() {
      const counts = await Promise.all(
        OPEN.map(async (status) => {
          let open = 0;
          for await (const _ of listStatus(status, ['RequestID'])) open += 1;
          return open;
        }),
      );
      return counts.reduce((sum, open) => sum + open, 0);
    },

    async tallyOpen() {
      const tallies = await Promise.all(
        OPEN.map(async (status) => {
          const byAction = new Map<string, RequestTally>();
          for await (const item of listStatus(status, ['Action', 'CreatedAt'])) {
            const action = text(item, 'Action');
            // The index gives the oldest first.
            const { count, oldestCreatedAtMs } = byAction.get(action) ?? {
              count: 0,
              oldestCreatedAtMs: dateMs(item, 'CreatedAt'),
            };
            byAction.set(action, { action, status, count: count + 1, oldestCreatedAtMs });
          }
          return [...byAction.values()];
        }),
      );
      return tallies.flat();
    },
  };
}

/** As it is kept: what the caller does to its own object afterwards changes nothing. */
const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
