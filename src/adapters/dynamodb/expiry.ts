import type { Clock } from '../../domain/clock.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { absent, any, compare, type Condition } from './expression.ts';
import { optionalNumber } from './item-fields.ts';
import { oldestFirst } from './keys.ts';
import { TTL_ATTRIBUTE } from './table-definition.ts';

// What expires says when in two attributes: `expires_at_ms`, which decides, and the one that DynamoDB deletes by, in
// whole seconds and days late. One item of each thing also stands in GSI2, by its expiry, so that a sweep is a Query.

/** What may expire at all, to be spread into an item; nothing for undefined. Never deleted before it has expired. */
export const expiring = (expiresAtMs: number | undefined, graceMs = 0): Item =>
  expiresAtMs === undefined
    ? {}
    : { expires_at_ms: expiresAtMs, [TTL_ATTRIBUTE]: Math.ceil((expiresAtMs + graceMs) / 1000) };

/** Where a sweep finds it, to be spread into the item. `id` keeps those of one millisecond in an order. */
export const sweptAs = (kind: string, expiresAtMs: number | undefined, id: string): Item =>
  expiresAtMs === undefined
    ? {}
    : { GSI2PK: `EXPIRING#${kind}`, GSI2SK: `${oldestFirst(expiresAtMs)}#${id}` };

export const isAlive = (item: Item, clock: Clock): boolean =>
  (optionalNumber(item, 'expires_at_ms') ?? Infinity) > clock();

/** The same, for a list. */
export const aliveAt = (nowMs: number): Condition =>
  any(absent('expires_at_ms'), compare('expires_at_ms', '>', nowMs));

/** Those that expired first, at most `limit`. Read from an index: some may be deleted by now. */
export async function listExpired(
  table: DynamoTable,
  kind: string,
  nowMs: number,
  limit: number,
): Promise<Item[]> {
  const sort = compare('GSI2SK', '<', oldestFirst(nowMs + 1));
  const found: Item[] = [];
  if (limit < 1) return found;
  for await (const item of table.queryAll({ index: 'GSI2', partition: `EXPIRING#${kind}`, sort, limit })) {
    found.push(item);
    if (found.length === limit) break;
  }
  return found;
}
