import type { Clock } from '../../domain/clock.ts';
import type { ApiKey, ApiKeyStore, Scope } from '../../domain/credentials.ts';
import type { Database, Parameters, Row } from './database.ts';
import { placeByNumber, toPage } from './page-place.ts';
import { number, optionalNumber, text } from './row.ts';

const IS_ALIVE = '(expires_at_ms IS NULL OR expires_at_ms > :now)';

export function openSqliteApiKeyStore(db: Database, clock: Clock): ApiKeyStore {
  const find = db.prepare(`SELECT * FROM api_keys WHERE key_hash = :key_hash AND ${IS_ALIVE}`);
  const list = db.prepare(
    `SELECT * FROM api_keys WHERE user_id = :user_id AND (newest_first, id) > (:number, :id) AND ${IS_ALIVE}
     ORDER BY newest_first, id LIMIT :limit`,
  );
  const insert = db.prepare(
    `INSERT INTO api_keys (id, user_id, name, key_hash, scopes_json, created_at_ms, expires_at_ms)
     VALUES (:id, :user_id, :name, :key_hash, :scopes_json, :created_at_ms, :expires_at_ms)`,
    'There is already such an API key.',
  );
  const remove = db.prepare(
    'DELETE FROM api_keys WHERE id = :id AND user_id = :user_id RETURNING expires_at_ms',
  );
  const removeByUser = db.prepare('DELETE FROM api_keys WHERE user_id = :user_id');
  const removeExpired = db.prepare(
    `DELETE FROM api_keys WHERE rowid IN
      (SELECT rowid FROM api_keys WHERE expires_at_ms <= :now ORDER BY expires_at_ms LIMIT :limit)`,
  );

  return {
    async findByHash(keyHash) {
      const row = find.get({ key_hash: keyHash, now: clock() });
      return row === undefined ? null : fromApiKeyRow(row);
    },

    async listByUser(userId, page) {
      const place = placeByNumber(page);
      const rows = list.all({
        user_id: userId,
        number: place.number,
        id: place.text,
        now: clock(),
        limit: page.limit + 1,
      });
      return toPage(rows, page.limit, ['newest_first', 'id'], fromApiKeyRow);
    },

    async create(key) {
      insert.run(toApiKeyRow(key));
    },

    async delete(userId, id) {
      const row = remove.get({ id, user_id: userId });
      return row !== undefined && (optionalNumber(row, 'expires_at_ms') ?? Infinity) > clock();
    },

    async deleteByUser(userId) {
      removeByUser.run({ user_id: userId });
    },

    async deleteExpired(nowMs, limit) {
      return removeExpired.run({ now: nowMs, limit });
    },
  };
}

export const toApiKeyRow = (key: ApiKey): Parameters => ({
  id: key.id,
  user_id: key.userId,
  name: key.name,
  key_hash: key.keyHash,
  scopes_json: JSON.stringify(key.scopes),
  created_at_ms: key.createdAtMs,
  expires_at_ms: key.expiresAtMs ?? null,
});

export function fromApiKeyRow(row: Row): ApiKey {
  return {
    id: text(row, 'id'),
    userId: text(row, 'user_id'),
    name: text(row, 'name'),
    keyHash: text(row, 'key_hash'),
    scopes: JSON.parse(text(row, 'scopes_json')) as Scope[],
    createdAtMs: number(row, 'created_at_ms'),
    expiresAtMs: optionalNumber(row, 'expires_at_ms'),
  };
}
