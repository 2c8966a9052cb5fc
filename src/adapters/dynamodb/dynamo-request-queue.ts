import { randomUUID } from 'node:crypto';
import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import type { AsyncRequest, ClaimedRequest, Lease, RequestQueue } from '../../domain/request.ts';
import {
  arrived,
  claimed,
  completed,
  failed,
  givenUp,
  isExhausted,
  progressed,
  released,
} from '../../domain/request-transitions.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { absent, all, any, compare, equal, type Condition, type Value } from './expression.ts';
import { number, text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { createRequestOrder } from './request-order.ts';
import { fromRequestItem, instant, isAlive, toRequestAttributes } from './request-item.ts';
import type { RequestKey, RequestTable } from './request-table.ts';

export interface DynamoRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

const OPEN = ['PENDING', 'RETRYING', 'PROCESSING'] as const;
const ENDED = ['COMPLETED', 'FAILED', 'CANCELLED'] as const;
/** Of requests that a claim looks at; others of the status follow page by page. */
const CANDIDATES_A_PAGE = 50;
/** Of a request that changes under the one who holds it: a renewal beside a step of progress. */
const MAX_TRIES = 10;
const DELETES_AT_ONCE = 25;

/**
 * A request is one item, and each of its changes one conditional write: on `Seq` as it was read and on the `LeaseToken`.
 * `WriteID` tells a write that the client sent again from one that another was faster than.
 *
 * A claim asks `StatusIndex`, which is late by some milliseconds: what it names is taken only as it was named.
 */
export function openDynamoRequestQueue(
  table: RequestTable,
  { clock, newId }: DynamoRequestQueueOptions,
): RequestQueue {
  const order = createRequestOrder();
  /** The claimers of one process take turns, so that they do not all reach for the oldest. */
  let lastClaim: Promise<unknown> = Promise.resolve();

  const keyOf = (requestId: string): RequestKey => ({ RequestID: requestId });
  const read = (requestId: string) => table.get(keyOf(requestId), { consistent: true });

  /** @returns whether it was this write that made the request what it is to be */
  async function write(
    request: AsyncRequest,
    leaseToken: string | undefined,
    condition: Condition,
  ): Promise<boolean> {
    const WriteID = randomUUID();
    const attributes = {
      ...toRequestAttributes(request, clock()),
      LeaseToken: leaseToken,
      WriteID,
    };
    try {
      await table.update(keyOf(request.requestId), changeTo(attributes), condition);
      return true;
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      return (await read(request.requestId))?.['WriteID'] === WriteID;
    }
  }

  /** Takes one step with a request that the lease holds. @throws lease_lost */
  async function change(lease: Lease, step: (request: AsyncRequest) => AsyncRequest): Promise<AsyncRequest> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const item = await read(lease.requestId);
      if (item === null || item['LeaseToken'] !== lease.token || item['Status'] !== 'PROCESSING')
        throw lost();
      const changed = step(fromRequestItem(item));
      const isStillHeld = changed.status === 'PROCESSING';
      const asItWas = all(
        equal('LeaseToken', lease.token),
        equal('Seq', number(item, 'Seq')),
        equal('LeaseUntil', item['LeaseUntil']),
      );
      if (await write(changed, isStillHeld ? lease.token : undefined, asItWas)) return changed;
    }
    throw new AppError('storage_unavailable', 'The database does not answer as it should.');
  }

  /** The oldest of the status that may be claimed; null where there is none but those passed over. */
  async function findClaimable(
    status: (typeof OPEN)[number],
    actions: readonly string[],
    nowMs: number,
    passedOver: ReadonlySet<string>,
  ): Promise<Item | null> {
    const since = status === 'PROCESSING' ? 'LeaseUntil' : 'VisibleAt';
    const filter = all(
      any(...actions.map((action) => equal('Action', action))),
      compare(since, '<=', instant(nowMs)),
    );
    const query = { index: 'StatusIndex', partition: status, filter, limit: CANDIDATES_A_PAGE } as const;
    for await (const item of table.queryAll(query)) {
      if (isAlive(item, nowMs) && !passedOver.has(text(item, 'RequestID'))) return item;
    }
    return null;
  }

  /** Of all statuses the one that came first. */
  async function findOldest(
    actions: readonly string[],
    nowMs: number,
    passedOver: ReadonlySet<string>,
  ): Promise<Item | null> {
    const found = await Promise.all(OPEN.map((status) => findClaimable(status, actions, nowMs, passedOver)));
    return found
      .filter((item) => item !== null)
      .reduce<Item | null>(
        (first, item) =>
          first === null || text(item, 'CreatedAt') < text(first, 'CreatedAt') ? item : first,
        null,
      );
  }

  async function claimOldest(actions: readonly string[], leaseMs: number): Promise<ClaimedRequest | null> {
    /** Another was faster, or the index is late. */
    const passedOver = new Set<string>();
    for (;;) {
      const nowMs = clock();
      const item = await findOldest(actions, nowMs, passedOver);
      if (item === null) return null;
      const request = fromRequestItem(item);
      const asSeen = all(
        equal('Status', request.status),
        equal('Seq', request.seq),
        // A renewal changes nothing else.
        ...(request.status === 'PROCESSING' ? [equal('LeaseUntil', item['LeaseUntil'])] : []),
      );
      passedOver.add(request.requestId);
      if (isExhausted(request)) {
        await write(givenUp(request, nowMs), undefined, asSeen);
        continue;
      }
      const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
      const taken = claimed(request, nowMs, leaseMs);
      if (await write(taken, lease.token, asSeen)) return { request: taken, lease };
    }
  }

  return {
    async enqueue(newRequest) {
      const nowMs = clock();
      const request = arrived(newRequest, nowMs);
      const WriteID = randomUUID();
      const item = {
        ...keyOf(request.requestId),
        ...toRequestAttributes(request, nowMs),
        CreatedAt: order(nowMs),
        WriteID,
      };
      try {
        await table.put(item, any(absent('RequestID'), equal('WriteID', WriteID)));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new AppError('already_exists', 'There is already such a request.', { cause: error });
      }
      return fromRequestItem(structuredClone(item));
    },

    async claim(actions, leaseMs) {
      if (actions.length === 0) return null;
      const mine = lastClaim.then(() => claimOldest(actions, leaseMs));
      lastClaim = mine.catch(() => undefined);
      return mine;
    },

    async renew(lease, leaseMs) {
      const untilMs = clock() + leaseMs;
      try {
        const isHeld = all(equal('LeaseToken', lease.token), equal('Status', 'PROCESSING'));
        await table.update(keyOf(lease.requestId), { set: { LeaseUntil: instant(untilMs) } }, isHeld);
      } catch (error) {
        throw error instanceof ConditionFailed ? lost() : error;
      }
      return { ...lease, untilMs };
    },

    async progress(lease, percentage, message) {
      await change(lease, (request) => progressed(request, percentage, message));
    },

    complete: (lease, result) => change(lease, (request) => completed(request, clock(), result)),

    fail: (lease, failure, retryAtMs) =>
      change(lease, (request) => failed(request, clock(), failure, retryAtMs)),

    release: (lease) => change(lease, (request) => released(request, clock())),

    async find(requestId) {
      const item = fitsKey(requestId) ? await read(requestId) : null;
      return item === null || !isAlive(item, clock()) ? null : fromRequestItem(item);
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
      for (let at = 0; at < found.length; at += DELETES_AT_ONCE) {
        const some = found.slice(at, at + DELETES_AT_ONCE);
        await Promise.all(some.map((item) => table.delete(keyOf(text(item, 'RequestID')))));
      }
      return found.length;
    },

    async countOpen() {
      const nowMs = clock();
      const counts = await Promise.all(
        OPEN.map(async (status) => {
          let open = 0;
          const query = { index: 'StatusIndex', partition: status, fields: ['TTL'] } as const;
          for await (const item of table.queryAll(query)) open += isAlive(item, nowMs) ? 1 : 0;
          return open;
        }),
      );
      return counts.reduce((sum, open) => sum + open, 0);
    },
  };
}

const lost = (): AppError => new AppError('lease_lost', 'Another worker has this request, or it has ended.');

/** What an update must set, and remove, so that these are the attributes. */
function changeTo(attributes: Readonly<Record<string, Value>>) {
  const entries = Object.entries(attributes);
  return {
    set: Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    remove: entries.filter(([, value]) => value === undefined).map(([name]) => name),
  };
}
