import type { Clock } from '../../domain/clock.ts';
import type { ApiKey, ApiKeyStore, Scope } from '../../domain/credentials.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { aliveAt, expiring, isAlive, listExpired, sweptAs } from './expiry.ts';
import { dateMs, isoDate, optionalNumber, text } from './item-fields.ts';
import { createGroup, deleteGroupOnce, deleteGroupsFound } from './item-groups.ts';
import { fitsKey, itemKey, newestFirst } from './keys.ts';
import { readPage } from './item-page.ts';

const KIND = 'APIKEY';

/**
 * `APIKEY#{hash}` / `APIKEY`, those of a user by creation in GSI2; `APIKEYS#{user}` / `{id}`, which leads to it and
 * stands in GSI2 by its expiry. Made and deleted together: a key that no list leads to could not be revoked.
 */
export function openDynamoApiKeyStore(table: DynamoTable, clock: Clock): ApiKeyStore {
  return {
    async findByHash(keyHash) {
      if (!fitsKey(keyHash)) return null;
      const item = await table.get(apiKeyKeyOfHash(keyHash), { consistent: true });
      return item === null || !isAlive(item, clock) ? null : fromApiKeyItem(item);
    },

    listByUser(userId, page) {
      const request = {
        index: 'GSI2',
        partition: partitionOfUser(userId),
        filter: aliveAt(clock()),
      } as const;
      return readPage(table, request, page, fromApiKeyItem);
    },

    async create(key) {
      const names = { key_id: key.id, key_hash: key.keyHash, user_id: key.userId };
      const times = expiring(key.expiresAtMs);
      const item: Item = {
        ...apiKeyKeyOfHash(key.keyHash),
        GSI2PK: partitionOfUser(key.userId),
        GSI2SK: `${newestFirst(key.createdAtMs)}#${key.id}`,
        ...names,
        ...times,
        name: key.name,
        scopes: key.scopes,
        created_at: isoDate(key.createdAtMs),
      };
      const leading: Item = {
        ...apiKeyKeyOfId(key.userId, key.id),
        ...sweptAs(KIND, key.expiresAtMs, key.id),
        ...names,
        ...times,
      };
      await createGroup(table, [item, leading], 'There is already such an API key.');
    },

    async delete(userId, id) {
      const key = apiKeyKeyOfId(userId, id);
      const item = fitsKey(userId, id) ? await table.get(key, { consistent: true }) : null;
      if (item === null) return false;
      const isDeleted = await deleteGroupOnce(table, key, [apiKeyKeyOfHash(text(item, 'key_hash'))]);
      return isDeleted && isAlive(item, clock);
    },

    async deleteByUser(userId) {
      if (!fitsKey(userId)) return;
      await deleteGroupsFound(table, { partition: partitionOfUser(userId), consistent: true }, keysOf);
    },

    async deleteExpired(nowMs, limit) {
      const expired = await listExpired(table, KIND, nowMs, limit);
      await table.writeMany(expired.flatMap(keysOf).map((key) => ({ delete: key })));
      return expired.length;
    },
  };
}

export const apiKeyKeyOfHash = (keyHash: string): ItemKey => itemKey(`APIKEY#${keyHash}`, 'APIKEY');
const partitionOfUser = (userId: string): string => `APIKEYS#${userId}`;
export const apiKeyKeyOfId = (userId: string, id: string): ItemKey => itemKey(partitionOfUser(userId), id);

const keysOf = (item: Item): ItemKey[] => [
  apiKeyKeyOfHash(text(item, 'key_hash')),
  apiKeyKeyOfId(text(item, 'user_id'), text(item, 'key_id')),
];

export function fromApiKeyItem(item: Item): ApiKey {
  return {
    id: text(item, 'key_id'),
    userId: text(item, 'user_id'),
    name: text(item, 'name'),
    keyHash: text(item, 'key_hash'),
    scopes: item['scopes'] as Scope[],
    createdAtMs: dateMs(item, 'created_at'),
    expiresAtMs: optionalNumber(item, 'expires_at_ms'),
  };
}
