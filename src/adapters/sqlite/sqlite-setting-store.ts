import type { SettingStore } from '../../domain/setting.ts';
import type { Database } from './database.ts';
import { text } from './row.ts';

export function openSqliteSettingStore(db: Database): SettingStore {
  const find = db.prepare('SELECT value FROM settings WHERE key = :key');
  // The update that changes nothing makes the statement return the value that is there.
  const ensure = db.prepare(
    `INSERT INTO settings (key, value) VALUES (:key, :value)
     ON CONFLICT (key) DO UPDATE SET value = value RETURNING value`,
  );
  const save = db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (:key, :value)');

  return {
    async find(key) {
      const row = find.get({ key });
      return row === undefined ? null : text(row, 'value');
    },

    async ensure(key, value) {
      return text(ensure.get({ key, value }), 'value');
    },

    async save(key, value) {
      save.run({ key, value });
    },
  };
}
