import { ValidationError } from '../../domain/app-error.ts';
import type { Page, PageRequest } from '../../domain/page.ts';
import type { QueryRequest } from './query.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { compare } from './expression.ts';
import { text } from './item-fields.ts';

/**
 * A page in the order of the sort key, which is also what `next` holds. One Query, and another for each megabyte that
 * the page has and for what its filter leaves out.
 * @throws {ValidationError} for the place of another list
 */
export async function readPage<Entry>(
  table: DynamoTable,
  request: Pick<QueryRequest, 'index' | 'partition' | 'filter' | 'consistent'>,
  { limit, after }: PageRequest,
  fromItem: (item: Item) => Entry,
): Promise<Page<Entry>> {
  const sortName = `${request.index ?? ''}SK`;
  const [place] = after ?? [];
  if (after !== undefined && typeof place !== 'string') {
    throw new ValidationError('cursor', 'This cursor is not of this list.');
  }
  const sort = place === undefined ? undefined : compare(sortName, '>', place);
  const items: Item[] = [];
  // One too many tells that there is a next page.
  for await (const item of table.queryAll({ ...request, sort, limit: limit + 1 })) {
    items.push(item);
    if (items.length > limit) break;
  }
  const page = items.slice(0, limit).map(fromItem);
  const last = items[limit - 1];
  return last === undefined || items.length <= limit
    ? { items: page }
    : { items: page, next: [text(last, sortName)] };
}
