import type { RetiredObjectStore } from '../../domain/retired-object.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { absent, any, compare } from './expression.ts';
import { number, text } from './item-fields.ts';
import { itemKey, oldestFirst } from './keys.ts';

const ALL_RETIRED = 'RETIRED';

export const retiredKey = (key: string): ItemKey => itemKey(`RETIRED#${key}`, 'OBJECT');

/** `RETIRED#{key}` / `OBJECT`: `object_key`, `sweep_at_ms`; by the time in GSI2. */
export function openDynamoRetiredObjectStore(table: DynamoTable): RetiredObjectStore {
  return {
    async add({ key, sweepAtMs }) {
      const item = {
        ...retiredKey(key),
        GSI2PK: ALL_RETIRED,
        GSI2SK: `${oldestFirst(sweepAtMs)}#${key}`,
        object_key: key,
        sweep_at_ms: sweepAtMs,
      };
      try {
        await table.put(item, any(absent('PK'), compare('sweep_at_ms', '<', sweepAtMs)));
      } catch (error) {
        // The later time is there already.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    async listDue(nowMs, limit) {
      const sort = Number.isFinite(nowMs) ? compare('GSI2SK', '<', oldestFirst(nowMs + 1)) : undefined;
      const keys: string[] = [];
      if (limit < 1) return [];
      for await (const item of table.queryAll({ index: 'GSI2', partition: ALL_RETIRED, sort, limit })) {
        keys.push(text(item, 'object_key'));
        if (keys.length === limit) break;
      }
      // The index may be late: an object that has just got more time must not be swept by what it had before.
      const items = await table.getMany(keys.map(retiredKey), { consistent: true });
      return items
        .map((item) => ({ key: text(item, 'object_key'), sweepAtMs: number(item, 'sweep_at_ms') }))
        .filter(({ sweepAtMs }) => sweepAtMs <= nowMs)
        .sort((a, b) => a.sweepAtMs - b.sweepAtMs || (a.key < b.key ? -1 : 1));
    },

    async remove(key) {
      await table.delete(retiredKey(key));
    },
  };
}
