import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import { utf8Length } from '../../domain/utf8-length.ts';
import type { Item, ItemKey } from './dynamo-table.ts';
import { text } from './item-fields.ts';

/** A partition key holds 2,048 bytes, a sort key 1,024. */
const MAX_KEY_BYTES = 1024;
/** As many digits as any safe integer has, so that numbers sort as the text that they are written in. */
const DIGITS = String(Number.MAX_SAFE_INTEGER).length;

/**
 * A key with its tenant, where that is not `default`: data of before there were tenants keeps its keys. No tenant's id
 * holds a `#`, so two tenants never share a key.
 */
export const ofTenant = (tenantId: string, key: string): string =>
  tenantId === DEFAULT_TENANT ? key : `TENANT#${tenantId}#${key}`;

export const itemKey = (PK: string, SK: string): ItemKey => ({ PK, SK });

/** Of an item that was read, or is about to be written. */
export const keyOf = (item: Item): ItemKey => itemKey(text(item, 'PK'), text(item, 'SK'));

/** Whether an item may have this key. What strangers ask for may be longer; it is not there then. */
export const fitsKey = (...parts: readonly string[]): boolean =>
  parts.every((part) => part !== '' && utf8Length(part) <= MAX_KEY_BYTES);

/** Sorts by time, the oldest first. Whole milliseconds. */
export const oldestFirst = (ms: number): string => String(ms).padStart(DIGITS, '0');

/** Sorts by time, the newest first. */
export const newestFirst = (ms: number): string => oldestFirst(Number.MAX_SAFE_INTEGER - ms);
