import type { Clock } from '../../domain/clock.ts';
import type { Session, SessionStore } from '../../domain/credentials.ts';
import type { Database, Parameters, Row } from './database.ts';
import { number, text } from './row.ts';

export function openSqliteSessionStore(db: Database, clock: Clock): SessionStore {
  const find = db.prepare('SELECT * FROM sessions WHERE token_hash = :token_hash AND expires_at_ms > :now');
  const insert = db.prepare(
    `INSERT INTO sessions (id, token_hash, user_id, created_at_ms, expires_at_ms)
     VALUES (:id, :token_hash, :user_id, :created_at_ms, :expires_at_ms)`,
    'There is already such a session.',
  );
  const remove = db.prepare('DELETE FROM sessions WHERE id = :id');
  const removeByUser = db.prepare(
    'DELETE FROM sessions WHERE user_id = :user_id AND id IS NOT :except_id RETURNING id',
  );
  const findExpired = db.prepare(
    'SELECT * FROM sessions WHERE expires_at_ms <= :now ORDER BY expires_at_ms LIMIT :limit',
  );

  return {
    async findByTokenHash(tokenHash) {
      const row = find.get({ token_hash: tokenHash, now: clock() });
      if (row === undefined) return null;
      return fromSessionRow(row);
    },

    async create(session) {
      insert.run(toSessionRow(session));
    },

    async delete(id) {
      remove.run({ id });
    },

    async deleteByUser(userId, exceptId) {
      const rows = removeByUser.all({ user_id: userId, except_id: exceptId ?? null });
      return rows.map((row) => text(row, 'id'));
    },

    async listExpired(nowMs, limit) {
      return findExpired.all({ now: nowMs, limit }).map(fromSessionRow);
    },
  };
}

export const toSessionRow = (session: Session): Parameters => ({
  id: session.id,
  token_hash: session.tokenHash,
  user_id: session.userId,
  created_at_ms: session.createdAtMs,
  expires_at_ms: session.expiresAtMs,
});

export function fromSessionRow(row: Row): Session {
  return {
    id: text(row, 'id'),
    tokenHash: text(row, 'token_hash'),
    userId: text(row, 'user_id'),
    createdAtMs: number(row, 'created_at_ms'),
    expiresAtMs: number(row, 'expires_at_ms'),
  };
}
