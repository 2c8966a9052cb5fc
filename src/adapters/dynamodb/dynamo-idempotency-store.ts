import { AppError } from '../../domain/app-error.ts';
import type { Clock, NewId } from '../../domain/clock.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../domain/idempotency.ts';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { expiring, isAlive, listExpired, sweptAs } from './expiry.ts';
import { absent, any, compare, equal } from './expression.ts';
import { number, text } from './item-fields.ts';
import { itemKey } from './keys.ts';

type Response = NonNullable<IdempotencyRecord['response']>;

const KIND = 'IDEMPOTENCY';
/** Released or expired between a refused write and the read that follows it, again and again: it does not happen. */
const MAX_TRIES = 5;
const DELETES_AT_ONCE = 25;
/** An item holds 400 KB, and a queue alone may be 300: longer answers are packed. */
const MAX_PLAIN_LENGTH = 10_000;
const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** `IDEMPOTENCY#{key}` / `RECORD`: `key`, `fingerprint`, `response` with `body` or `body_gzip`, and its expiry. */
export function openDynamoIdempotencyStore(
  table: DynamoTable,
  clock: Clock,
  newId: NewId = randomUUID,
): IdempotencyStore {
  const keyOf = (key: string) => itemKey(`IDEMPOTENCY#${key}`, 'RECORD');
  const times = (key: string, expiresAtMs: number): Item => ({
    ...expiring(expiresAtMs),
    ...sweptAs(KIND, expiresAtMs, key),
  });

  return {
    async begin({ key, fingerprint, response, expiresAtMs }) {
      const packed = response === undefined ? {} : { response: await toItem(response) };
      // The client sends a write again whose answer was lost: it must not meet itself.
      const begun_by = newId();
      const item = { ...keyOf(key), key, fingerprint, begun_by, ...packed, ...times(key, expiresAtMs) };
      for (let tries = 0; tries < MAX_TRIES; tries += 1) {
        try {
          const isExpired = compare('expires_at_ms', '<=', clock());
          await table.put(item, any(absent('PK'), isExpired, equal('begun_by', begun_by)));
          return null;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
        const there = await table.get(keyOf(key), { consistent: true });
        if (there !== null && isAlive(there, clock)) return fromItem(there);
      }
      throw new AppError('storage_unavailable', 'The database does not answer as it should.');
    },

    async finish(key, response, expiresAtMs) {
      const set = { response: await toItem(response), ...times(key, expiresAtMs) };
      try {
        await table.update(keyOf(key), { set }, compare('expires_at_ms', '>', clock()));
      } catch (error) {
        // Expired or released: nobody is to be answered with it.
        if (!(error instanceof ConditionFailed)) throw error;
      }
    },

    async release(key) {
      await table.delete(keyOf(key));
    },

    async deleteExpired(nowMs, limit) {
      const expired = await listExpired(table, KIND, nowMs, limit);
      let deleted = 0;
      const remove = async (item: Item): Promise<void> => {
        try {
          // The index may be late: an execution that has just ended lives longer than it says.
          await table.delete(keyOf(text(item, 'key')), compare('expires_at_ms', '<=', nowMs));
          deleted += 1;
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
        }
      };
      for (let at = 0; at < expired.length; at += DELETES_AT_ONCE) {
        await Promise.all(expired.slice(at, at + DELETES_AT_ONCE).map(remove));
      }
      return deleted;
    },
  };
}

async function toItem({ status, headers, body }: Response): Promise<Item> {
  return body.length > MAX_PLAIN_LENGTH
    ? { status, headers, body_gzip: new Uint8Array(await pack(body)) }
    : { status, headers, body };
}

async function fromItem(item: Item): Promise<IdempotencyRecord> {
  const response = item['response'] as Item | undefined;
  const record = {
    key: text(item, 'key'),
    fingerprint: text(item, 'fingerprint'),
    expiresAtMs: number(item, 'expires_at_ms'),
  };
  if (response === undefined) return record;
  const packed = response['body_gzip'];
  const body = packed instanceof Uint8Array ? (await unpack(packed)).toString() : text(response, 'body');
  const headers = response['headers'] as Response['headers'];
  return { ...record, response: { status: number(response, 'status'), headers, body } };
}
