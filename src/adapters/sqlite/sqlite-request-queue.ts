import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import type {
  AsyncRequest,
  ClaimedRequest,
  JsonObject,
  JsonValue,
  Lease,
  NewRequest,
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
import type { Database, Row } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { openRequestList } from './request-list.ts';
import { fromRequestRow, optionalJson, toChangedColumns } from './request-row.ts';
import { openRequestTurns } from './request-turns.ts';
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
  const findHeld = db.prepare(
    `SELECT * FROM requests WHERE request_id = :request_id AND lease_token = :token AND status = 'PROCESSING'`,
  );
  const update = db.prepare(
    `UPDATE requests SET status = :status, progress = :progress, progress_message = :progress_message,
       progress_details_json = :progress_details_json, result_json = :result_json, error_json = :error_json,
       retry_count = :retry_count, visible_at_ms = :visible_at_ms, attempt = :attempt,
       lease_until_ms = :lease_until_ms, lease_token = :lease_token, seq = :seq, started_at_ms = :started_at_ms,
       ended_at_ms = :ended_at_ms, is_ready = :is_ready
     WHERE request_id = :request_id RETURNING arrival`,
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
  const list = openRequestList(db);
  const turns = openRequestTurns(db);
  const commits = createGroupCommit(db);

  /** Without a token nobody holds the request any more. */
  const save = (request: AsyncRequest, leaseToken: string | null): AsyncRequest => {
    const isReady = claimableAtMs(request) <= clock();
    const row = update.get({
      ...toChangedColumns(request),
      lease_token: leaseToken,
      is_ready: isReady ? 1 : 0,
    });
    const { userId, action } = request;
    if (isReady) turns.add({ userId, action, arrival: number(row, 'arrival') });
    return request;
  };
  const getHeld = (lease: Lease): AsyncRequest => {
    const row = findHeld.get({ request_id: lease.requestId, token: lease.token });
    if (row === undefined) {
      throw new AppError('lease_lost', 'Another worker has this request, or it has ended.');
    }
    return fromRequestRow(row);
  };
  /** Takes a step with a request that the lease holds; nobody holds it then. */
  const letGo = (lease: Lease, step: (request: AsyncRequest) => AsyncRequest): Promise<AsyncRequest> =>
    commits.run(() => save(step(getHeld(lease)), null));
  /** Takes a step with a request, whoever holds it; nobody does then. */
  const change = (requestId: string, step: (request: AsyncRequest) => AsyncRequest): Promise<AsyncRequest> =>
    commits.run(() => {
      const row = find.get({ request_id: requestId });
      if (row === undefined) throw new AppError('not_found', 'There is no such request.');
      return save(step(fromRequestRow(row)), null);
    });

  return {
    async enqueue(newRequest) {
      const { requestId, action, userId, tenantId, maxRetries, connectionId } = newRequest;
      const payloadJson = JSON.stringify(newRequest.payload);
      const metadataJson = optionalJson(newRequest.metadata);
      // As it is kept: what the caller does to its own objects afterwards changes nothing.
      const kept: NewRequest = {
        ...newRequest,
        payload: JSON.parse(payloadJson) as JsonValue,
        metadata: metadataJson === null ? undefined : (JSON.parse(metadataJson) as JsonObject),
      };
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
          const request = fromRequestRow(row);
          if (isExhausted(request)) {
            givenUpNow.push(save(givenUp(request, nowMs), null));
            continue;
          }
          const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
          taking.push({ request: save(claimed(request, nowMs, leaseMs), lease.token), lease });
          counting.served(request.userId);
        }
        counting.end();
        return taking;
      });
      if (onGivenUp !== undefined) givenUpNow.forEach(onGivenUp);
      return taken;
    },

    renew: (lease, leaseMs) =>
      commits.run(() => {
        const untilMs = clock() + leaseMs;
        save(renewed(getHeld(lease), untilMs), lease.token);
        return { ...lease, untilMs };
      }),

    progress: (lease, progress) => {
      const told = structuredClone(progress);
      return commits.run(() => save(progressed(getHeld(lease), told), lease.token));
    },

    complete: (lease, result) => {
      const kept = JSON.parse(JSON.stringify(result)) as typeof result;
      return letGo(lease, (request) => completed(request, clock(), kept));
    },

    fail: (lease, failure, retryAtMs) =>
      letGo(lease, (request) => failed(request, clock(), failure, retryAtMs)),

    release: (lease) => letGo(lease, (request) => released(request, clock())),

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
      return tallyOpen.all().map((row: Row) => ({
        action: text(row, 'action'),
        status: text(row, 'status') as RequestStatus,
        count: number(row, 'open'),
        oldestCreatedAtMs: number(row, 'oldest'),
      }));
    },
  };
}
