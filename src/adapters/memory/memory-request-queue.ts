import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import { isFinal } from '../../domain/request.ts';
import type { AsyncRequest, JsonValue, Lease, RequestQueue } from '../../domain/request.ts';
import {
  arrived,
  claimableAtMs,
  claimed,
  completed,
  failed,
  givenUp,
  isExhausted,
  progressed,
  released,
  renewed,
} from '../../domain/request-transitions.ts';

interface Entry {
  request: AsyncRequest;
  /** Of the lease that holds, or that ran out last. */
  leaseToken: string | null;
}

export interface MemoryRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

export function createMemoryRequestQueue({ clock, newId }: MemoryRequestQueueOptions): RequestQueue {
  // In the order of arrival, so that the first that may be claimed is the oldest.
  const entries = new Map<string, Entry>();

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

  return {
    async enqueue(newRequest) {
      const { requestId, payload } = newRequest;
      if (entries.has(requestId)) throw new AppError('already_exists', 'There is already such a request.');
      const request = arrived({ ...newRequest, payload: copyJson(payload) }, clock());
      entries.set(requestId, { request, leaseToken: null });
      return request;
    },

    async claim(actions, leaseMs) {
      const nowMs = clock();
      for (const entry of entries.values()) {
        const { request } = entry;
        if (!actions.includes(request.action) || claimableAtMs(request) > nowMs) continue;
        if (isExhausted(request)) {
          save(entry, givenUp(request, nowMs), null);
          continue;
        }
        const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
        return { request: save(entry, claimed(request, nowMs, leaseMs), lease.token), lease };
      }
      return null;
    },

    async renew(lease, leaseMs) {
      const entry = getHeld(lease);
      const untilMs = clock() + leaseMs;
      save(entry, renewed(entry.request, untilMs), lease.token);
      return { ...lease, untilMs };
    },

    async progress(lease, percentage, message) {
      const entry = getHeld(lease);
      save(entry, progressed(entry.request, percentage, message), lease.token);
    },

    async complete(lease, result) {
      const entry = getHeld(lease);
      return save(entry, completed(entry.request, clock(), copyJson(result)), null);
    },

    async fail(lease, failure, retryAtMs) {
      const entry = getHeld(lease);
      return save(entry, failed(entry.request, clock(), failure, retryAtMs), null);
    },

    async release(lease) {
      const entry = getHeld(lease);
      return save(entry, released(entry.request, clock()), null);
    },

    async find(requestId) {
      return entries.get(requestId)?.request ?? null;
    },

    async deleteEnded(beforeMs, limit) {
      const ended = [...entries.values()].filter(({ request }) => (request.endedAtMs ?? Infinity) < beforeMs);
      for (const { request } of ended.slice(0, limit)) entries.delete(request.requestId);
      return Math.min(ended.length, limit);
    },

    async countOpen() {
      return [...entries.values()].filter(({ request }) => !isFinal(request.status)).length;
    },
  };
}

/** As a database would keep it: what the caller does to its own object afterwards changes nothing. */
const copyJson = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;
