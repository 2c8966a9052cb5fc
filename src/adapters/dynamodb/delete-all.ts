import type { QueryRequest } from './query.ts';
import type { DynamoTable, Item, ItemKey, Write } from './dynamo-table.ts';
import { keyOf } from './keys.ts';

const WRITES_A_TRANSACTION = 100;

/** Deletes what a query finds, a page at a time. */
export async function deleteAll(table: DynamoTable, request: QueryRequest): Promise<void> {
  let after: Item | undefined;
  do {
    const page = await table.query({ ...request, fields: ['PK', 'SK'], after });
    await table.writeMany(page.items.map((item) => ({ delete: keyOf(item) })));
    after = page.last;
  } while (after !== undefined);
}

/**
 * Deletes groups of items, each group all at once: of two items by which one thing is found, the one that leads to the
 * other must not be lost first by a crash.
 */
export async function deleteGroups(
  table: DynamoTable,
  groups: readonly (readonly ItemKey[])[],
): Promise<void> {
  let writes: Write[] = [];
  for (const group of groups) {
    if (writes.length + group.length > WRITES_A_TRANSACTION) {
      await table.transact(writes);
      writes = [];
    }
    writes.push(...group.map((key): Write => ({ kind: 'delete', key })));
  }
  if (writes.length > 0) await table.transact(writes);
}

/** The same for what a query finds, a page at a time. */
export async function deleteGroupsFound(
  table: DynamoTable,
  request: QueryRequest,
  groupOf: (item: Item) => readonly ItemKey[],
): Promise<void> {
  let after: Item | undefined;
  do {
    const page = await table.query({ ...request, after });
    await deleteGroups(table, page.items.map(groupOf));
    after = page.last;
  } while (after !== undefined);
}
