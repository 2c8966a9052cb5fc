import type { PositionStore, PositionTarget } from '../../domain/position.ts';
import type { Database } from './database.ts';
import { number } from './row.ts';

export function openSqlitePositionStore(db: Database): PositionStore {
  const ofName = 'tenant_id = :tenant AND kind = :kind AND name = :name';
  const find = db.prepare(`SELECT * FROM positions WHERE ${ofName} AND user_id = :user_id`);
  const save = db.prepare(
    `INSERT OR REPLACE INTO positions (tenant_id, kind, name, user_id, position_ms, updated_at_ms)
     VALUES (:tenant, :kind, :name, :user_id, :position_ms, :updated_at_ms)`,
  );
  const removeByName = db.prepare(`DELETE FROM positions WHERE ${ofName}`);
  const removeByUser = db.prepare('DELETE FROM positions WHERE user_id = :user_id');

  return {
    async find(target) {
      const row = find.get(columnsOf(target));
      if (row === undefined) return null;
      return { positionMs: number(row, 'position_ms'), updatedAtMs: number(row, 'updated_at_ms') };
    },

    async save(target, { positionMs, updatedAtMs }) {
      save.run({ ...columnsOf(target), position_ms: positionMs, updated_at_ms: updatedAtMs });
    },

    async deleteByName({ tenantId, kind, name }) {
      removeByName.run({ tenant: tenantId, kind, name });
    },

    async deleteByUser(userId) {
      removeByUser.run({ user_id: userId });
    },
  };
}

const columnsOf = ({ tenantId, userId, kind, name }: PositionTarget) => ({
  tenant: tenantId,
  user_id: userId,
  kind,
  name,
});
