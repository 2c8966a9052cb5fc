import type { PositionStore, PositionTarget } from '../../domain/position.ts';
import { deleteAll } from './delete-all.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { dateMs, isoDate, number } from './item-fields.ts';
import { fitsKey, itemKey, ofTenant } from './keys.ts';

/**
 * `POSITION#{kind}#{name}` / `USER#{user}`: `position_ms`, `updated_at`; those of a user by GSI1.
 *
 * By target in the table and by user in the index, for a later file of the same name must not begin where its
 * predecessor was left: those of a target are found by a consistent read. What the index does not yet know of a user
 * who is deleted is never asked for, since no id is given twice.
 */
export function openDynamoPositionStore(table: DynamoTable): PositionStore {
  return {
    async find(target) {
      const { PK, SK } = positionKey(target);
      if (!fitsKey(PK, SK)) return null;
      const item = await table.get({ PK, SK }, { consistent: true });
      if (item === null) return null;
      return { positionMs: number(item, 'position_ms'), updatedAtMs: dateMs(item, 'updated_at') };
    },

    async save(target, { positionMs, updatedAtMs }) {
      await table.put({
        ...positionKey(target),
        GSI1PK: positionsOf(target.userId),
        GSI1SK: partitionOf(target),
        position_ms: positionMs,
        updated_at: isoDate(updatedAtMs),
        user_id: target.userId,
      });
    },

    async deleteByName(target) {
      const partition = partitionOf(target);
      if (fitsKey(partition)) await deleteAll(table, { partition, consistent: true });
    },

    async deleteByUser(userId) {
      if (fitsKey(userId)) await deleteAll(table, { index: 'GSI1', partition: positionsOf(userId) });
    },
  };
}

const partitionOf = ({ tenantId, kind, name }: Omit<PositionTarget, 'userId'>): string =>
  ofTenant(tenantId, `POSITION#${kind}#${name}`);

export const positionKey = (target: PositionTarget) => itemKey(partitionOf(target), `USER#${target.userId}`);

const positionsOf = (userId: string): string => `POSITIONS#${userId}`;
