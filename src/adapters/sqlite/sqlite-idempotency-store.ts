import type { Clock } from '../../domain/clock.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../domain/idempotency.ts';
import type { Database, Row } from './database.ts';
import { number, optionalText, text } from './row.ts';

type Response = NonNullable<IdempotencyRecord['response']>;

export function openSqliteIdempotencyStore(db: Database, clock: Clock): IdempotencyStore {
  const find = db.prepare('SELECT * FROM idempotency_records WHERE key = :key AND expires_at_ms > :now');
  const save = db.prepare(
    `INSERT OR REPLACE INTO idempotency_records (key, fingerprint, response_json, expires_at_ms)
     VALUES (:key, :fingerprint, :response_json, :expires_at_ms)`,
  );
  const finish = db.prepare(
    `UPDATE idempotency_records SET response_json = :response_json, expires_at_ms = :expires_at_ms
     WHERE key = :key AND expires_at_ms > :now`,
  );
  const remove = db.prepare('DELETE FROM idempotency_records WHERE key = :key');
  const removeExpired = db.prepare(
    `DELETE FROM idempotency_records WHERE rowid IN
      (SELECT rowid FROM idempotency_records WHERE expires_at_ms <= :now ORDER BY expires_at_ms LIMIT :limit)`,
  );

  return {
    async begin({ key, fingerprint, response, expiresAtMs }) {
      return db.transaction(() => {
        const row = find.get({ key, now: clock() });
        if (row !== undefined) return fromRow(row);
        const responseJson = response === undefined ? null : JSON.stringify(response);
        save.run({ key, fingerprint, response_json: responseJson, expires_at_ms: expiresAtMs });
        return null;
      });
    },

    async finish(key, response, expiresAtMs) {
      const responseJson = JSON.stringify(response);
      finish.run({ key, response_json: responseJson, expires_at_ms: expiresAtMs, now: clock() });
    },

    async release(key) {
      remove.run({ key });
    },

    async deleteExpired(nowMs, limit) {
      return removeExpired.run({ now: nowMs, limit });
    },
  };
}

function fromRow(row: Row): IdempotencyRecord {
  const responseJson = optionalText(row, 'response_json');
  return {
    key: text(row, 'key'),
    fingerprint: text(row, 'fingerprint'),
    ...(responseJson === undefined ? {} : { response: JSON.parse(responseJson) as Response }),
    expiresAtMs: number(row, 'expires_at_ms'),
  };
}
