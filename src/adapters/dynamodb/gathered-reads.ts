import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';

interface Waiting {
  readonly keys: readonly ItemKey[];
  readonly resolve: (items: Item[]) => void;
  readonly reject: (error: unknown) => void;
}

/** More than these are many requests, or a large answer: nobody else is to wait for them. */
const MAX_KEYS = 10;

/**
 * The table, of which whole items that are read consistently within one turn of the loop are read by one request. They
 * cost as many read units as one by one, and one way there and back.
 */
export function gatherReads(table: DynamoTable): DynamoTable {
  let waiting: Waiting[] = [];

  async function readAll(together: readonly Waiting[]): Promise<void> {
    const keys = together.flatMap((read) => read.keys);
    const [first] = keys;
    try {
      const items =
        first !== undefined && keys.length === 1
          ? [await table.get(first, { consistent: true })]
          : await table.getMany(keys, { consistent: true });
      const found = new Map<string, Item>();
      for (const item of items) if (item !== null) found.set(idOf(item), item);
      for (const read of together) {
        const ids = new Set(read.keys.map(idOf));
        read.resolve([...ids].map((id) => found.get(id)).filter((item) => item !== undefined));
      }
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  const gather = (keys: readonly ItemKey[]): Promise<Item[]> =>
    new Promise((resolve, reject) => {
      waiting.push({ keys, resolve, reject });
      if (waiting.length > 1) return;
      queueMicrotask(() => {
        const together = waiting;
        waiting = [];
        void readAll(together);
      });
    });

  return {
    ...table,
    async get(key, options = {}) {
      if (options.consistent !== true || options.fields !== undefined) return table.get(key, options);
      return (await gather([key]))[0] ?? null;
    },

    getMany: (keys, options = {}) =>
      options.consistent !== true || options.fields !== undefined || keys.length > MAX_KEYS
        ? table.getMany(keys, options)
        : gather(keys),
  };
}

const idOf = ({ PK, SK }: Item | ItemKey): string => JSON.stringify([PK, SK]);
