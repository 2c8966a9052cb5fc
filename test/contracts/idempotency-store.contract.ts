import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/domain/clock.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../src/domain/idempotency.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenIdempotencyStore {
  readonly store: IdempotencyStore;
  readonly close?: () => Promise<void> | void;
}

const record = (key: string, change: Partial<IdempotencyRecord> = {}): IdempotencyRecord => ({
  key,
  fingerprint: 'print',
  expiresAtMs: START_MS + 1000,
  ...change,
});
const RESPONSE = { status: 201, headers: { location: '/api/x', etag: '"ü"' }, body: '{"ok":true}' };

export function describeIdempotencyStoreContract(
  name: string,
  open: (clock: Clock) => OpenIdempotencyStore | Promise<OpenIdempotencyStore>,
): void {
  describe(`IdempotencyStore: ${name}`, () => {
    let nowMs = START_MS;
    let opened: OpenIdempotencyStore;
    let store: IdempotencyStore;

    beforeEach(async () => {
      nowMs = START_MS;
      opened = await open(() => nowMs);
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('lets one of many begin; the others get what is there', async () => {
      const begun = await Promise.all(
        ['a', 'b', 'c'].map((fingerprint) => store.begin(record('k', { fingerprint }))),
      );
      expect(begun.filter((there) => there === null)).toHaveLength(1);
      const winner = ['a', 'b', 'c'][begun.indexOf(null)] ?? '';
      for (const there of begun)
        if (there !== null) expect(there).toEqual(record('k', { fingerprint: winner }));
      expect(await store.begin(record('other'))).toBeNull();
    });

    it('gives the answer once it has been', async () => {
      await store.begin(record('k'));
      await store.finish('k', RESPONSE, START_MS + 5000);
      nowMs = START_MS + 4999;
      const there = await store.begin(record('k', { fingerprint: 'another' }));
      expect(there).toEqual(record('k', { response: RESPONSE, expiresAtMs: START_MS + 5000 }));
    });

    it('frees a released key', async () => {
      await store.begin(record('k'));
      await store.release('k');
      await store.release('k');
      expect(await store.begin(record('k'))).toBeNull();
    });

    it('counts an expired record as gone', async () => {
      await store.begin(record('k'));
      nowMs = START_MS + 999;
      expect(await store.begin(record('k'))).not.toBeNull();
      nowMs = START_MS + 1000;
      await store.finish('k', RESPONSE, START_MS + 9000);
      const anew = record('k', { fingerprint: 'anew', expiresAtMs: START_MS + 2000 });
      expect(await store.begin(anew)).toBeNull();
      expect(await store.begin(record('k'))).toEqual(anew);
    });

    it('removes what has expired, a bounded number at a time', async () => {
      for (const key of ['1', '2', '3']) await store.begin(record(key));
      await store.begin(record('4', { expiresAtMs: START_MS + 1001 }));
      expect(await store.deleteExpired(START_MS + 999, 10)).toBe(0);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(2);
      expect(await store.deleteExpired(START_MS + 1000, 2)).toBe(1);
      expect(await store.begin(record('4'))).not.toBeNull();
    });
  });
}
