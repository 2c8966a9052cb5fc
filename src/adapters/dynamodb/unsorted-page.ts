import { ValidationError } from '../../domain/app-error.ts';
import type { Page, PageRequest } from '../../domain/page.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { text } from './item-fields.ts';
import { fitsKey } from './keys.ts';

/** An index without a sort key. */
export interface UnsortedIndex<Index extends string> {
  readonly index: Index;
  /** The attribute that is its key. */
  readonly attribute: string;
  /** The attribute that is the table's key; what it holds is the place of an item in the list. */
  readonly keyAttribute: string;
}

/**
 * A page of what an index has under one key, in an order that DynamoDB keeps to itself. One Query, and another for each
 * megabyte that the page has and for the items that it leaves out.
 * @param toEntry null for what is left out
 * @throws {ValidationError} for the place of another list
 */
export async function readUnsortedPage<Key extends object, Index extends string, Entry>(
  table: DynamoTable<Key, Index>,
  { index, attribute, keyAttribute }: UnsortedIndex<Index>,
  partition: string,
  { limit, after }: PageRequest,
  toEntry: (item: Item) => Entry | null,
): Promise<Page<Entry>> {
  if (!fitsKey(partition)) return { items: [] };
  const place = after?.[0];
  if (after !== undefined && (typeof place !== 'string' || !fitsKey(place))) {
    throw new ValidationError('cursor', 'This cursor is not of this list.');
  }
  const begin = place === undefined ? undefined : { [attribute]: partition, [keyAttribute]: place };
  const items: Entry[] = [];
  let lastPlace = '';
  // One too many tells that there is a next page.
  for await (const item of table.queryAll({ index, partition, after: begin, limit: limit + 1 })) {
    const entry = toEntry(item);
    if (entry === null) continue;
    if (items.length === limit) return { items, next: [lastPlace] };
    items.push(entry);
    lastPlace = text(item, keyAttribute);
  }
  return { items };
}
