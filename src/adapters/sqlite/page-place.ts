import { ValidationError } from '../../domain/app-error.ts';
import type { Page, PageRequest } from '../../domain/page.ts';
import { textOrNumber } from './row.ts';
import type { Row } from './database.ts';

/** Before the first place of a list: text and numbers that no key is below. */
const BEGIN = { number: Number.MIN_SAFE_INTEGER, text: '' };

/** Where a page begins that is ordered by one text. @throws {ValidationError} for a place of another list */
export function placeByText({ after }: PageRequest): string {
  if (after === undefined) return BEGIN.text;
  const [name] = after;
  if (typeof name !== 'string') throw notOfThisList();
  return name;
}

/** Where a page begins that is ordered by a number and a text. @throws {ValidationError} */
export function placeByNumber({ after }: PageRequest): { number: number; text: string } {
  if (after === undefined) return BEGIN;
  const [first, second] = after;
  if (typeof first !== 'number' || typeof second !== 'string') throw notOfThisList();
  return { number: first, text: second };
}

/**
 * A page out of up to `limit + 1` rows, the one too many telling that there is a next page.
 * @param keyColumns what the rows are ordered by
 */
export function toPage<Item>(
  rows: readonly Row[],
  limit: number,
  keyColumns: readonly string[],
  fromRow: (row: Row) => Item,
): Page<Item> {
  const items = rows.slice(0, limit).map(fromRow);
  const last = rows[limit - 1];
  if (last === undefined || rows.length <= limit) return { items };
  return { items, next: keyColumns.map((column) => textOrNumber(last, column)) };
}

const notOfThisList = (): ValidationError =>
  new ValidationError('cursor', 'This cursor is not of this list.');
