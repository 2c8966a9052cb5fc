import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import { isFinal, meetsFilter } from '../../domain/request.ts';
import type {
  AsyncRequest,
  ClaimedRequest,
  Lease,
  RequestQueue,
  RequestTally,
} from '../../domain/request.ts';
import {
  arrived,
  cancelledOnce,
  claimableAtMs,
  claimed,
  completed,
  failed,
  givenUp,
  isExhausted,
  movedFrom,
  progressed,
  released,
  renewed,
  retried,
} from '../../domain/request-transitions.ts';
import { pageInOrder } from './sorted-page.ts';

interface Entry {
  readonly arrival: number;
  request: AsyncRequest;
  /** Of the lease that holds, or that ran out last. */
  leaseToken: string | null;
}

export interface MemoryRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** For tests: a claim looks at every request. */
export function createMemoryRequestQueue({ clock, newId }: MemoryRequestQueueOptions): RequestQueue {
  // In the order of arrival, so that the first of a user is the oldest.
  const entries = new Map<string, Entry>();
  /** By user, the number of the claim that served it last. */
  const served = new Map<string, number>();
  let arrivals = 0;
  let claims = 0;

  /** Without a token nobody holds the request any more. */
  const save = (entry: Entry, request: AsyncRequest, leaseToken: string | null): AsyncRequest => {
    entry.request = request;
    entry.leaseToken = leaseToken;
    return request;
  };
  const getHeld = (lease: Lease): Entry => {
    const entry = entries.get(lease.requestId);
    if (entry === undefined || entry.leaseToken !== lease.token || entry.request.status !== 'PROCESSING') {
      throw new AppError('lease_lost', 'Another worker has this request, or it has ended.');
    }
    return entry;
  };
  const get = (requestId: string): Entry => {
    const entry = entries.get(requestId);
    if (entry === undefined) throw new AppError('not_found', 'There is no such request.');
    return entry;
  };
  /** What may be claimed, by user. */
  const findClaimable = (actions: readonly string[], nowMs: number): Map<string, Entry[]> => {
    const claimable = [...entries.values()].filter(
      ({ request }) => actions.includes(request.action) && claimableAtMs(request) <= nowMs,
    );
    return Map.groupBy(claimable, ({ request }) => request.userId);
  };
  const nextOf = (claimable: Map<string, Entry[]>): Entry | undefined => {
    let next: Entry | undefined;
    const turnOf = ({ request }: Entry) => served.get(request.userId) ?? 0;
    for (const [entry] of claimable.values()) {
      if (entry === undefined) continue;
      const order = next === undefined ? -1 : turnOf(entry) - turnOf(next) || entry.arrival - next.arrival;
      if (order < 0) next = entry;
    }
    if (next !== undefined) claimable.get(next.request.userId)?.shift();
    return next;
  };

  return {
    async enqueue(newRequest) {
      const { requestId } = newRequest;
      if (entries.has(requestId)) throw new AppError('already_exists', 'There is already such a request.');
      const request = arrived(copyOf(newRequest), clock());
      entries.set(requestId, { arrival: (arrivals += 1), request, leaseToken: null });
      return request;
    },

    async claim(actions, leaseMs, limit, onGivenUp) {
      const nowMs = clock();
      const claimable = findClaimable(actions, nowMs);
      const taken: ClaimedRequest[] = [];
      while (taken.length < limit) {
        const entry = nextOf(claimable);
        if (entry === undefined) break;
        const { request } = entry;
        if (isExhausted(request)) {
          const ended = save(entry, givenUp(request, nowMs), null);
          onGivenUp?.(ended);
          continue;
        }
        const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
        taken.push({ request: save(entry, claimed(request, nowMs, leaseMs), lease.token), lease });
        served.set(request.userId, (claims += 1));
      }
      return taken;
    },

    async renew(lease, leaseMs) {
      const entry = getHeld(lease);
      const untilMs = clock() + leaseMs;
      save(entry, renewed(entry.request, untilMs), lease.token);
      return { ...lease, untilMs };
    },

    async progress(lease, progress) {
      const entry = getHeld(lease);
      return save(entry, progressed(entry.request, copyOf(progress)), lease.token);
    },

    async complete(lease, result) {
      const entry = getHeld(lease);
      return save(entry, completed(entry.request, clock(), copyOf(result)), null);
    },

    async fail(lease, failure, retryAtMs) {
      const entry = getHeld(lease);
      return save(entry, failed(entry.request, clock(), copyOf(failure), retryAtMs), null);
    },

    async release(lease) {
      const entry = getHeld(lease);
      return save(entry, released(entry.request, clock()), null);
    },

    async cancel(requestId) {
      const entry = get(requestId);
      return save(entry, cancelledOnce(entry.request, clock()), null);
    },

    async retry(requestId) {
      const entry = get(requestId);
      return save(entry, retried(entry.request, clock()), null);
    },

    async updateStatus(requestId, from, to) {
      const entry = get(requestId);
      return save(entry, movedFrom(entry.request, from, to, clock()), null);
    },

    async find(requestId) {
      return entries.get(requestId)?.request ?? null;
    },

    async findMany(requestIds) {
      return [...new Set(requestIds)].flatMap((requestId) => entries.get(requestId)?.request ?? []);
    },

    async list(filter, page) {
      const meeting = [...entries.values()].filter(({ request }) => meetsFilter(request, filter));
      const { items, next } = pageInOrder(meeting, ({ arrival }) => [-arrival], page);
      const requests = items.map(({ request }) => request);
      return next === undefined ? { items: requests } : { items: requests, next };
    },

    async delete(requestId) {
      entries.delete(requestId);
    },

    async deleteEnded(beforeMs, limit) {
      const ended = [...entries.values()].filter(({ request }) => (request.endedAtMs ?? Infinity) < beforeMs);
      for (const { request } of ended.slice(0, limit)) entries.delete(request.requestId);
      return Math.min(ended.length, limit);
    },

    async countOpen() {
      return [...entries.values()].filter(({ request }) => !isFinal(request.status)).length;
    },

    async tallyOpen() {
      const tallies = new Map<string, RequestTally>();
      for (const { request } of entries.values()) {
        const { action, status, createdAtMs } = request;
        if (isFinal(status)) continue;
        const key = JSON.stringify([action, status]);
        const count = (tallies.get(key)?.count ?? 0) + 1;
        const oldestCreatedAtMs = Math.min(tallies.get(key)?.oldestCreatedAtMs ?? Infinity, createdAtMs);
        tallies.set(key, { action, status, count, oldestCreatedAtMs });
      }
      return [...tallies.values()];
    },
  };
}

/** As a database would keep it: what the caller does to its own object afterwards changes nothing. */
const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
