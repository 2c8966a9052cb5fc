import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import type {
  AsyncRequest,
  ClaimedRequest,
  Lease,
  RequestQueue,
  RequestStatus,
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
import type { Database } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { openRequestList } from './request-list.ts';
import { fromRequestRow, optionalJson, toRequestRow, type RequestRow } from './request-row.ts';
import { openRequestTurns } from './request-turns.ts';
import { openRequestUpdate } from './request-update.ts';
import { number, text } from './row.ts';

export interface SqliteRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Of one claim, so that its transaction is not arbitrarily long. */
const MAX_CLAIMS = 1000;

/** Each change reads and writes in one transaction that begins as a writer, so processes take turns. */
export function openSqliteRequestQueue(
  db: Database,
  { clock, newId }: SqliteRequestQueueOptions,
): RequestQueue {
  const insert = db.prepare(
    `INSERT INTO requests (request_id, action, payload_json, status, user_id, tenant_id, connection_id, metadata_json,
       progress, progress_message, retry_count, max_retries, visible_at_ms, attempt, seq, created_at_ms, is_ready)
     VALUES (:request_id, :action, :payload_json, 'PENDING', :user_id, :tenant_id, :connection_id, :metadata_json, 0, '',
       0, :max_retries, :now, 0, 1, :now, 1) RETURNING arrival`,
    'There is already such a request.',
  );
  const find = db.prepare('SELECT * FROM requests WHERE request_id = :request_id');
  const findMany = db.prepare(
    'SELECT * FROM requests WHERE request_id IN (SELECT value FROM json_each(:request_ids))',
  );
  const remove = db.prepare('DELETE FROM requests WHERE request_id = :request_id');
  const removeEnded = db.prepare(
    `DELETE FROM requests WHERE arrival IN
      (SELECT arrival FROM requests WHERE ended_at_ms < :before ORDER BY ended_at_ms LIMIT :limit)`,
  );
  const tallyOpen = db.prepare(
    `SELECT action, status, count(*) AS open, min(created_at_ms) AS oldest FROM requests
     WHERE status IN ('PENDING', 'RETRYING', 'PROCESSING') GROUP BY status, action`,
  );
  const countOpen = db.prepare(
    `SELECT count(*) AS open FROM requests WHERE status IN ('PENDING', 'RETRYING', 'PROCESSING')`,
  );
  const update = openRequestUpdate(db);
  const list = openRequestList(db);
  const turns = openRequestTurns(db);
  const commits = createGroupCommit(db);

  /** Without a token nobody holds the request any more. */
  const save = (before: RequestRow, request: AsyncRequest, leaseToken: string | null): AsyncRequest => {
    const isReady = claimableAtMs(request) <= clock();
    update(before, { request, arrival: before.arrival, leaseToken, isReady });
    const { userId, action } = request;
    if (isReady && !before.isReady) turns.add({ userId, action, arrival: before.arrival });
    return request;
  };
  const getHeld = (lease: Lease): RequestRow => {
    const row = find.get({ request_id: lease.requestId });
    const held = row === undefined ? null : toRequestRow(row);
    if (held?.leaseToken !== lease.token || held.request.status !== 'PROCESSING') {
      throw new AppError('lease_lost', 'Another worker has this request, or it has ended.');
    }
    return held;
  };
  /** Takes a step with a request that the lease holds. */
  const work = (
    lease: Lease,
    step: (request: AsyncRequest) => AsyncRequest,
    leaseToken: string | null = null,
  ): Promise<AsyncRequest> =>
    commits.run(() => {
      const held = getHeld(lease);
      return save(held, step(held.request), leaseToken);
    });
  /** Takes a step with a request, whoever holds it; nobody does then. */
  const change = (requestId: string, step: (request: AsyncRequest) => AsyncRequest): Promise<AsyncRequest> =>
    commits.run(() => {
      const row = find.get({ request_id: requestId });
      if (row === undefined) throw new AppError('not_found', 'There is no such request.');
      const before = toRequestRow(row);
      return save(before, step(before.request), null);
    });

  return {
    async enqueue(newRequest) {
      const { requestId, action, userId, tenantId, maxRetries, connectionId } = newRequest;
      const payloadJson = JSON.stringify(newRequest.payload);
      const metadataJson = optionalJson(newRequest.metadata);
      const kept = copyOf(newRequest);
      return commits.run(() => {
        const nowMs = clock();
        const row = insert.get({
          request_id: requestId,
          action,
          payload_json: payloadJson,
          user_id: userId,
          tenant_id: tenantId,
          connection_id: connectionId ?? null,
          metadata_json: metadataJson,
          max_retries: maxRetries,
          now: nowMs,
        });
        turns.add({ userId, action, arrival: number(row, 'arrival') });
        return arrived(kept, nowMs);
      });
    },

    async claim(actions, leaseMs, limit, onGivenUp) {
      const asked = [...new Set(actions)];
      if (asked.length === 0 || limit < 1) return [];
      // Idle workers ask often: only one that sees work takes the lock.
      if (!commits.isWaiting() && !turns.isAnyWaiting(asked, clock())) return [];
      const givenUpNow: AsyncRequest[] = [];
      const taken = await commits.run(() => {
        const nowMs = clock();
        const taking: ClaimedRequest[] = [];
        turns.addDue(nowMs);
        const counting = turns.begin();
        while (taking.length < Math.min(limit, MAX_CLAIMS)) {
          const row = turns.findNext(asked);
          if (row === undefined) break;
          const before = toRequestRow(row);
          const { request } = before;
          if (isExhausted(request)) {
            givenUpNow.push(save(before, givenUp(request, nowMs), null));
            continue;
          }
          const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
          taking.push({ request: save(before, claimed(request, nowMs, leaseMs), lease.token), lease });
          counting.served(request.userId);
        }
        counting.end();
        return taking;
      });
      if (onGivenUp !== undefined) givenUpNow.forEach(onGivenUp);
      return taken;
    },

    async renew(lease, leaseMs) {
      const untilMs = clock() + leaseMs;
      await work(lease, (request) => renewed(request, untilMs), lease.token);
      return { ...lease, untilMs };
    },

    progress: (lease, progress) => {
      const told = copyOf(progress);
      return work(lease, (request) => progressed(request, told), lease.token);
    },

    complete: (lease, result) => {
      const kept = copyOf(result);
      return work(lease, (request) => completed(request, clock(), kept));
    },

    fail: (lease, failure, retryAtMs) => {
      const kept = copyOf(failure);
      return work(lease, (request) => failed(request, clock(), kept, retryAtMs));
    },

    release: (lease) => work(lease, (request) => released(request, clock())),

    cancel: (requestId) => change(requestId, (request) => cancelledOnce(request, clock())),

    retry: (requestId) => change(requestId, (request) => retried(request, clock())),

    updateStatus: (requestId, from, to) =>
      change(requestId, (request) => movedFrom(request, from, to, clock())),

    async find(requestId) {
      const row = find.get({ request_id: requestId });
      return row === undefined ? null : fromRequestRow(row);
    },

    async findMany(requestIds) {
      return findMany.all({ request_ids: JSON.stringify(requestIds) }).map(fromRequestRow);
    },

    async list(filter, page) {
      return list(filter, page);
    },

    async delete(requestId) {
      await commits.run(() => remove.run({ request_id: requestId }));
    },

    deleteEnded: (beforeMs, limit) => commits.run(() => removeEnded.run({ before: beforeMs, limit })),

    async countOpen() {
      return number(countOpen.get(), 'open');
    },

    async tallyOpen() {
      return tallyOpen.all().map((row) => ({
        action: text(row, 'action'),
        status: text(row, 'status') as RequestStatus,
        count: number(row, 'open'),
        oldestCreatedAtMs: number(row, 'oldest'),
      }));
    },
  };
}

/** As it is kept: what the caller does to its own object afterwards changes nothing. */
const copyOf = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;
