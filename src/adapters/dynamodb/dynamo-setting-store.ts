import { AppError } from '../../domain/app-error.ts';
import type { SettingStore } from '../../domain/setting.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';
import { absent } from './expression.ts';
import { text } from './item-fields.ts';
import { fitsKey, itemKey } from './keys.ts';

export const settingKey = (key: string): ItemKey => itemKey(`SETTING#${key}`, 'VALUE');

/** `SETTING#{key}` / `VALUE`: `value`. */
export function openDynamoSettingStore(table: DynamoTable): SettingStore {
  const store: SettingStore = {
    async find(key) {
      if (!fitsKey(key)) return null;
      const item = await table.get(settingKey(key), { consistent: true });
      return item === null ? null : text(item, 'value');
    },

    async ensure(key, value) {
      // First read: but for the very first start, it is there.
      const there = await store.find(key);
      if (there !== null) return there;
      try {
        await table.put({ ...settingKey(key), value }, absent('PK'));
        return value;
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
      const winner = await store.find(key);
      if (winner === null) throw new AppError('internal', 'A setting was there and is gone.');
      return winner;
    },

    async save(key, value) {
      await table.put({ ...settingKey(key), value });
    },
  };
  return store;
}
