import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import type { AsyncRequest, Lease, RequestQueue } from '../../domain/request.ts';
import {
  claimed,
  completed,
  failed,
  givenUp,
  isExhausted,
  progressed,
  released,
  renewed,
} from '../../domain/request-transitions.ts';
import type { Database } from './database.ts';
import { fromRequestRow, toChangedColumns } from './request-row.ts';
import { number } from './row.ts';

export interface SqliteRequestQueueOptions {
  readonly clock: Clock;
  readonly newId: NewId;
}

/** Each change reads and writes in one transaction that begins as a writer, so processes take turns. */
export function openSqliteRequestQueue(
  db: Database,
  { clock, newId }: SqliteRequestQueueOptions,
): RequestQueue {
  const insert = db.prepare(
    `INSERT INTO requests (request_id, action, payload_json, status, user_id, tenant_id, progress, progress_message,
       retry_count, max_retries, visible_at_ms, attempt, seq, created_at_ms)
     VALUES (:request_id, :action, :payload_json, 'PENDING', :user_id, :tenant_id, 0, '', 0, :max_retries, :now, 0, 1,
       :now) RETURNING *`,
    'There is already such a request.',
  );
  const find = db.prepare('SELECT * FROM requests WHERE request_id = :request_id');
  const findClaimable = db.prepare(
    `SELECT * FROM requests WHERE claimable_at_ms IS NOT NULL AND claimable_at_ms <= :now
       AND action IN (SELECT value FROM json_each(:actions)) ORDER BY arrival LIMIT 1`,
  );
  const findHeld = db.prepare(
    `SELECT * FROM requests WHERE request_id = :request_id AND lease_token = :token AND status = 'PROCESSING'`,
  );
  const update = db.prepare(
    `UPDATE requests SET status = :status, progress = :progress, progress_message = :progress_message,
       result_json = :result_json, error_json = :error_json, retry_count = :retry_count,
       visible_at_ms = :visible_at_ms, attempt = :attempt, lease_until_ms = :lease_until_ms,
       lease_token = :lease_token, seq = :seq, started_at_ms = :started_at_ms, ended_at_ms = :ended_at_ms
     WHERE request_id = :request_id`,
  );
  const removeEnded = db.prepare(
    `DELETE FROM requests WHERE arrival IN
      (SELECT arrival FROM requests WHERE ended_at_ms < :before ORDER BY ended_at_ms LIMIT :limit)`,
  );
  const countOpen = db.prepare('SELECT count(*) AS open FROM requests WHERE claimable_at_ms IS NOT NULL');

  /** Without a token nobody holds the request any more. */
  const save = (request: AsyncRequest, leaseToken: string | null): AsyncRequest => {
    update.run({ ...toChangedColumns(request), lease_token: leaseToken });
    return request;
  };
  const getHeld = (lease: Lease): AsyncRequest => {
    const row = findHeld.get({ request_id: lease.requestId, token: lease.token });
    if (row === undefined) {
      throw new AppError('lease_lost', 'Another worker has this request, or it has ended.');
    }
    return fromRequestRow(row);
  };

  return {
    async enqueue({ requestId, action, payload, userId, tenantId, maxRetries }) {
      const row = insert.get({
        request_id: requestId,
        action,
        payload_json: JSON.stringify(payload),
        user_id: userId,
        tenant_id: tenantId,
        max_retries: maxRetries,
        now: clock(),
      });
      return fromRequestRow(row);
    },

    async claim(actions, leaseMs) {
      const actionsJson = JSON.stringify(actions);
      // Idle workers ask often: only one that sees work takes the lock.
      if (findClaimable.get({ actions: actionsJson, now: clock() }) === undefined) return null;
      return db.transaction(() => {
        const nowMs = clock();
        for (;;) {
          const row = findClaimable.get({ actions: actionsJson, now: nowMs });
          if (row === undefined) return null;
          const request = fromRequestRow(row);
          if (isExhausted(request)) {
            save(givenUp(request, nowMs), null);
            continue;
          }
          const lease = { requestId: request.requestId, token: newId(), untilMs: nowMs + leaseMs };
          return { request: save(claimed(request, nowMs, leaseMs), lease.token), lease };
        }
      });
    },

    async renew(lease, leaseMs) {
      return db.transaction(() => {
        const untilMs = clock() + leaseMs;
        save(renewed(getHeld(lease), untilMs), lease.token);
        return { ...lease, untilMs };
      });
    },

    async progress(lease, percentage, message) {
      db.transaction(() => save(progressed(getHeld(lease), percentage, message), lease.token));
    },

    async complete(lease, result) {
      return db.transaction(() => save(completed(getHeld(lease), clock(), result), null));
    },

    async fail(lease, failure, retryAtMs) {
      return db.transaction(() => save(failed(getHeld(lease), clock(), failure, retryAtMs), null));
    },

    async release(lease) {
      return db.transaction(() => save(released(getHeld(lease), clock()), null));
    },

    async find(requestId) {
      const row = find.get({ request_id: requestId });
      return row === undefined ? null : fromRequestRow(row);
    },

    async deleteEnded(beforeMs, limit) {
      return removeEnded.run({ before: beforeMs, limit });
    },

    async countOpen() {
      return number(countOpen.get(), 'open');
    },
  };
}
