import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RetiredObjectStore } from '../../src/domain/retired-object.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenRetiredObjectStore {
  readonly store: RetiredObjectStore;
  readonly close?: () => Promise<void> | void;
}

export function describeRetiredObjectStoreContract(
  name: string,
  open: () => OpenRetiredObjectStore | Promise<OpenRetiredObjectStore>,
): void {
  describe(`RetiredObjectStore: ${name}`, () => {
    let opened: OpenRetiredObjectStore;
    let store: RetiredObjectStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('lists what is due, oldest first, a bounded number', async () => {
      expect(await store.listDue(START_MS, 10)).toEqual([]);
      await store.add({ key: 'b', sweepAtMs: START_MS + 2 });
      await store.add({ key: 'c', sweepAtMs: START_MS + 1 });
      await store.add({ key: 'a', sweepAtMs: START_MS + 3 });
      const due = await store.listDue(START_MS + 2, 10);
      expect(due).toEqual([
        { key: 'c', sweepAtMs: START_MS + 1 },
        { key: 'b', sweepAtMs: START_MS + 2 },
      ]);
      expect(await store.listDue(START_MS + 3, 2)).toEqual(due);
    });

    it('keeps the later time of a key', async () => {
      for (const sweepAtMs of [START_MS + 2, START_MS + 5, START_MS + 1]) {
        await store.add({ key: 'a', sweepAtMs });
      }
      expect(await store.listDue(START_MS + 4, 10)).toEqual([]);
      expect(await store.listDue(START_MS + 5, 10)).toEqual([{ key: 'a', sweepAtMs: START_MS + 5 }]);
    });

    it('forgets a removed key', async () => {
      await store.add({ key: 'a', sweepAtMs: START_MS });
      await store.remove('a');
      await store.remove('a');
      expect(await store.listDue(START_MS, 10)).toEqual([]);
    });
  });
}
