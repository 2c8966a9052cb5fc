import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { ApiKey, ApiKeyStore } from '../../src/domain/credentials.ts';
import { readPages } from './pages.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenApiKeyStore {
  readonly store: ApiKeyStore;
  readonly close?: () => Promise<void> | void;
}

const apiKey = (id: string, change: Partial<ApiKey> = {}): ApiKey => ({
  id,
  userId: 'anna',
  name: `Key ${id}`,
  keyHash: `hash-${id}`,
  scopes: ['play', 'read'],
  createdAtMs: START_MS,
  ...change,
});

export function describeApiKeyStoreContract(
  name: string,
  open: (clock: Clock) => OpenApiKeyStore | Promise<OpenApiKeyStore>,
): void {
  describe(`ApiKeyStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenApiKeyStore;
    let store: ApiKeyStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const idsOf = async (userId: string, limit = 1000): Promise<string[]> => {
      const keys = await readPages((page) => store.listByUser(userId, page), limit);
      return keys.map((key) => key.id);
    };

    it('finds a key by its hash', async () => {
      const key = apiKey('1', { scopes: ['admin'], expiresAtMs: START_MS + 1000 });
      await store.create(key);
      await store.create(apiKey('2', { scopes: [] }));
      expect(await store.findByHash('hash-1')).toEqual(key);
      expect(await store.findByHash('hash-2')).toEqual(apiKey('2', { scopes: [] }));
      expect(await store.findByHash('1')).toBeNull();
    });

    it('keeps a hash to one key', async () => {
      await store.create(apiKey('1'));
      for (const twin of [apiKey('1', { keyHash: 'x' }), apiKey('2', { keyHash: 'hash-1' })]) {
        await expect(store.create(twin)).rejects.toMatchObject({ code: 'already_exists' });
      }
    });

    it('lists the keys of a user, newest first, page by page', async () => {
      for (const [index, id] of ['c', 'a', 'e', 'b', 'd'].entries()) {
        await store.create(apiKey(id, { createdAtMs: START_MS + Math.floor(index / 2) }));
      }
      await store.create(apiKey('foreign', { userId: 'ben' }));
      for (const limit of [1, 2, 3, 5, 6]) {
        expect(await idsOf('anna', limit)).toEqual(['d', 'b', 'e', 'a', 'c']);
      }
    });

    it('counts an expired key as gone', async () => {
      await store.create(apiKey('1', { expiresAtMs: START_MS + 1000 }));
      await store.create(apiKey('2', { createdAtMs: START_MS - 1 }));
      nowMs = START_MS + 999;
      expect(await idsOf('anna')).toEqual(['1', '2']);
      nowMs = START_MS + 1000;
      expect(await idsOf('anna', 1)).toEqual(['2']);
      expect(await store.findByHash('hash-1')).toBeNull();
      expect(await store.delete('anna', '1')).toBe(false);
    });

    it('deletes a key of this user only', async () => {
      await store.create(apiKey('1'));
      expect(await store.delete('ben', '1')).toBe(false);
      expect(await store.findByHash('hash-1')).not.toBeNull();
      expect(await store.delete('anna', '1')).toBe(true);
      expect(await store.delete('anna', '1')).toBe(false);
      expect(await store.findByHash('hash-1')).toBeNull();
    });

    it('removes what has expired, a bounded number at a time', async () => {
      for (const id of ['1', '2', '3']) await store.create(apiKey(id, { expiresAtMs: START_MS + 1000 }));
      await store.create(apiKey('4', { expiresAtMs: START_MS + 1001 }));
      await store.create(apiKey('5'));
      expect(await store.deleteExpired(START_MS + 999, 10)).toBe(0);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(2);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(1);
      expect((await idsOf('anna')).sort()).toEqual(['4', '5']);
    });

    it('deletes all keys of a user', async () => {
      for (const id of ['1', '2']) await store.create(apiKey(id));
      await store.create(apiKey('3', { userId: 'ben' }));
      await store.deleteByUser('anna');
      await store.deleteByUser('anna');
      expect(await idsOf('anna')).toEqual([]);
      expect(await idsOf('ben')).toEqual(['3']);
    });
  });
}
