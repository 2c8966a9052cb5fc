import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import {
  isFinal,
  type AsyncRequest,
  type JsonValue,
  type Lease,
  type RequestQueue,
} from '../../domain/request.ts';

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

  const change = (entry: Entry, changes: Partial<AsyncRequest>): AsyncRequest => {
    entry.request = { ...entry.request, ...changes, seq: entry.request.seq + 1 };
    return entry.request;
  };
  const getHeld = (lease: Lease): Entry => {
    const entry = entries.get(lease.requestId);
    if (entry === undefined || entry.leaseToken !== lease.token || entry.request.status !== 'PROCESSING') {
      throw new AppError('lease_lost', 'Another worker has this request, or it has ended.');
    }
    return entry;
  };
  const end = (entry: Entry, changes: Partial<AsyncRequest>): AsyncRequest => {
    entry.leaseToken = null;
    return change(entry, { ...changes, leaseUntilMs: undefined, endedAtMs: clock() });
  };

  return {
    async enqueue({ requestId, action, payload, userId, tenantId, maxRetries }) {
      if (entries.has(requestId)) throw new AppError('already_exists', 'There is already such a request.');
      const nowMs = clock();
      const request: AsyncRequest = {
        requestId,
        action,
        payload: copyJson(payload),
        status: 'PENDING',
        userId,
        tenantId,
        progress: 0,
        progressMessage: '',
        retryCount: 0,
        maxRetries,
        visibleAtMs: nowMs,
        attempt: 0,
        seq: 1,
        createdAtMs: nowMs,
      };
      entries.set(requestId, { request, leaseToken: null });
      return request;
    },

    async claim(actions, leaseMs) {
      const nowMs = clock();
      for (const entry of entries.values()) {
        const { request } = entry;
        if (!actions.includes(request.action) || claimableAtMs(request) > nowMs) continue;
        // Claims that ended in a retry are counted as such; the others ended with the lease.
        if (request.attempt - request.retryCount > request.maxRetries) {
          const message = 'The work was begun several times and never came to an end.';
          end(entry, { status: 'FAILED', error: { code: 'internal', message, retryable: false } });
          continue;
        }
        entry.leaseToken = newId();
        const claimed = change(entry, {
          status: 'PROCESSING',
          progress: 0,
          progressMessage: '',
          error: undefined,
          attempt: request.attempt + 1,
          leaseUntilMs: nowMs + leaseMs,
          startedAtMs: nowMs,
        });
        const lease = { requestId: request.requestId, token: entry.leaseToken, untilMs: nowMs + leaseMs };
        return { request: claimed, lease };
      }
      return null;
    },

    async renew(lease, leaseMs) {
      const entry = getHeld(lease);
      const untilMs = clock() + leaseMs;
      entry.request = { ...entry.request, leaseUntilMs: untilMs };
      return { ...lease, untilMs };
    },

    async progress(lease, percentage, message) {
      const entry = getHeld(lease);
      const progress = Math.min(100, Math.max(entry.request.progress, percentage));
      change(entry, { progress, progressMessage: message });
    },

    async complete(lease, result) {
      const entry = getHeld(lease);
      return end(entry, { status: 'COMPLETED', progress: 100, result: copyJson(result) });
    },

    async fail(lease, failure, retryAtMs) {
      const entry = getHeld(lease);
      const { retryCount, maxRetries } = entry.request;
      if (retryAtMs === undefined || retryCount >= maxRetries) {
        return end(entry, { status: 'FAILED', error: failure });
      }
      entry.leaseToken = null;
      return change(entry, {
        status: 'RETRYING',
        error: failure,
        retryCount: retryCount + 1,
        visibleAtMs: retryAtMs,
        leaseUntilMs: undefined,
      });
    },

    async release(lease) {
      const entry = getHeld(lease);
      entry.leaseToken = null;
      return change(entry, {
        status: 'PENDING',
        attempt: entry.request.attempt - 1,
        visibleAtMs: clock(),
        leaseUntilMs: undefined,
      });
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

function claimableAtMs(request: AsyncRequest): number {
  if (isFinal(request.status)) return Infinity;
  return request.status === 'PROCESSING' ? (request.leaseUntilMs ?? Infinity) : request.visibleAtMs;
}

/** As a database would keep it: what the caller does to its own object afterwards changes nothing. */
const copyJson = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;
