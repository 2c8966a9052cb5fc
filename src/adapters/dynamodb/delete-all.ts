import type { DynamoTable, Item } from './dynamo-table.ts';
import { keyOf } from './keys.ts';
import type { QueryRequest } from './query.ts';

/** Deletes what a query finds, a page at a time. */
export async function deleteAll(table: DynamoTable, request: QueryRequest): Promise<void> {
  let after: Item | undefined;
  do {
    const page = await table.query({ ...request, fields: ['PK', 'SK'], after });
    await table.writeMany(page.items.map((item) => ({ delete: keyOf(item) })));
    after = page.last;
  } while (after !== undefined);
}
