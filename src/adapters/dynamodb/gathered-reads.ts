import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';

interface Waiting {
  readonly key: ItemKey;
  readonly resolve: (item: Item | null) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The table, of which whole items that are read consistently within one turn of the loop are read by one request. They
 * cost as many read units as one by one, and one way there and back.
 */
export function gatherReads(table: DynamoTable): DynamoTable {
  let waiting: Waiting[] = [];

  async function readAll(together: readonly Waiting[]): Promise<void> {
    const [first, ...others] = together;
    try {
      if (first !== undefined && others.length === 0) {
        first.resolve(await table.get(first.key, { consistent: true }));
        return;
      }
      const keys = together.map(({ key }) => key);
      const found = new Map<string, Item>();
      for (const item of await table.getMany(keys, { consistent: true })) found.set(idOf(item), item);
      for (const { key, resolve } of together) resolve(found.get(idOf(key)) ?? null);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  return {
    ...table,
    get(key, options = {}) {
      if (options.consistent !== true || options.fields !== undefined) return table.get(key, options);
      return new Promise<Item | null>((resolve, reject) => {
        waiting.push({ key, resolve, reject });
        if (waiting.length > 1) return;
        queueMicrotask(() => {
          const together = waiting;
          waiting = [];
          void readAll(together);
        });
      });
    },
  };
}

const idOf = ({ PK, SK }: Item | ItemKey): string => JSON.stringify([PK, SK]);
