import { AppError } from '../../domain/app-error.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, Item, ItemKey, Write } from './dynamo-table.ts';
import { absent, present } from './expression.ts';
import type { QueryRequest } from './query.ts';

// One thing that is found by several questions is a group of items, which come and go in one transaction: an item that
// leads to the others must not be lost before them, nor stay behind.

const WRITES_A_TRANSACTION = 100;

/** @throws already_exists, with this message, when any of them is there; none is written then */
export async function createGroup(
  table: DynamoTable,
  items: readonly Item[],
  takenMessage: string,
): Promise<void> {
  try {
    await table.transact(items.map((item) => ({ kind: 'put', item, condition: absent('PK') })));
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    throw new AppError('already_exists', takenMessage, { cause: error });
  }
}

/**
 * Of all who delete a group, tells one that it was there.
 * @param decisive of the group; whoever deletes it has deleted all
 */
export async function deleteGroupOnce(
  table: DynamoTable,
  decisive: ItemKey,
  others: readonly ItemKey[],
): Promise<boolean> {
  try {
    await table.transact([
      { kind: 'delete', key: decisive, condition: present('PK') },
      ...others.map((key): Write => ({ kind: 'delete', key })),
    ]);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}

/** Deletes groups that may be gone already, as many as fit in one transaction. */
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
