import type { RetiredObjectStore } from '../../domain/retired-object.ts';
import type { Database } from './database.ts';
import { number, text } from './row.ts';

export function openSqliteRetiredObjectStore(db: Database): RetiredObjectStore {
  const add = db.prepare(
    `INSERT INTO retired_objects (key, sweep_at_ms) VALUES (:key, :sweep_at_ms)
     ON CONFLICT (key) DO UPDATE SET sweep_at_ms = max(sweep_at_ms, excluded.sweep_at_ms)`,
  );
  const listDue = db.prepare(
    'SELECT * FROM retired_objects WHERE sweep_at_ms <= :now ORDER BY sweep_at_ms, key LIMIT :limit',
  );
  const remove = db.prepare('DELETE FROM retired_objects WHERE key = :key');

  return {
    async add({ key, sweepAtMs }) {
      add.run({ key, sweep_at_ms: sweepAtMs });
    },

    async listDue(nowMs, limit) {
      const rows = listDue.all({ now: nowMs, limit });
      return rows.map((row) => ({ key: text(row, 'key'), sweepAtMs: number(row, 'sweep_at_ms') }));
    },

    async remove(key) {
      remove.run({ key });
    },
  };
}
