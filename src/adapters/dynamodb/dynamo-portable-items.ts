import { AppError } from '../../domain/app-error.ts';
import {
  isSameRecord,
  type Carried,
  type Comparison,
  type PortableKind,
  type PortableRecord,
  type PortableValues,
} from '../../domain/portable-record.ts';
import type { JsonValue } from '../../domain/request.ts';
import type { Item, ItemKey } from './dynamo-table.ts';

/** Items by their keys, of those that were looked for. */
export type FoundItems = (key: ItemKey) => Item | undefined;

/** How records of one kind lie in the table. */
export interface PortableItems<Kind extends PortableKind> {
  /** Keys of the items that say whether the record is there, or another one under one of its keys. */
  lookUps(value: PortableValues[Kind]): ItemKey[];
  compare(value: PortableValues[Kind], found: FoundItems): Comparison;
  /** Whatever is under one of its keys. */
  remove(value: PortableValues[Kind], found: FoundItems): Promise<void>;
}

/**
 * A record whose first item holds all of it; the others lead to it.
 * @param keys of the items, the one that holds it first
 */
export function compareWith<Kind extends PortableKind>(
  kind: Kind,
  value: PortableValues[Kind],
  keys: readonly ItemKey[],
  found: FoundItems,
  read: (item: Item) => PortableValues[Kind],
): Comparison {
  const [item] = keys.map(found);
  if (item === undefined) return keys.some((key) => found(key) !== undefined) ? 'different' : 'absent';
  return isSameRecord(toRecord(kind, read(item)), toRecord(kind, value)) ? 'same' : 'different';
}

/** Kind and value are of one another: the compiler cannot see it. */
export const toRecord = <Kind extends PortableKind>(
  kind: Kind,
  value: PortableValues[Kind],
): PortableRecord => ({ kind, value }) as PortableRecord;

/**
 * Attributes as they can be carried to any home.
 * @throws internal for bytes and sets, which no older program has written
 */
export function carriedFrom(attributes: Item): Carried {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return {};
  for (const [name, value] of entries) {
    if (!isJson(value)) throw new AppError('internal', `The attribute ${name} is of a type unknown here.`);
  }
  return { carried: Object.fromEntries(entries) as Record<string, JsonValue> };
}

function isJson(value: unknown): boolean {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}
