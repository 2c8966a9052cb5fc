import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PositionStore, PositionTarget } from '../../src/domain/position.ts';
import { START_MS } from '../sample-records.ts';

export interface OpenPositionStore {
  readonly store: PositionStore;
  readonly close?: () => Promise<void> | void;
}

const TARGET: PositionTarget = { tenantId: 'default', userId: 'anna', kind: 'file', name: 'a.mp3' };
const OTHERS: readonly PositionTarget[] = [
  { ...TARGET, tenantId: 'neighbours' },
  { ...TARGET, userId: 'ben' },
  { ...TARGET, kind: 'stream' },
  { ...TARGET, name: 'b.mp3' },
];

export function describePositionStoreContract(
  name: string,
  open: () => OpenPositionStore | Promise<OpenPositionStore>,
): void {
  describe(`PositionStore: ${name}`, () => {
    let opened: OpenPositionStore;
    let store: PositionStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const saveAll = async (): Promise<void> => {
      for (const [index, target] of [TARGET, ...OTHERS].entries()) {
        await store.save(target, { positionMs: index + 0.5, updatedAtMs: START_MS });
      }
    };
    const left = async (): Promise<number[]> => {
      const found = await Promise.all([TARGET, ...OTHERS].map((target) => store.find(target)));
      return found.flatMap((position) => position?.positionMs ?? []);
    };

    it('keeps one position for each user and target', async () => {
      expect(await store.find(TARGET)).toBeNull();
      await saveAll();
      expect(await left()).toEqual([0.5, 1.5, 2.5, 3.5, 4.5]);
      await store.save(TARGET, { positionMs: 9000, updatedAtMs: START_MS + 1 });
      expect(await store.find(TARGET)).toEqual({ positionMs: 9000, updatedAtMs: START_MS + 1 });
    });

    it('deletes those of every user for one target', async () => {
      await saveAll();
      await store.deleteByName({ tenantId: 'default', kind: 'file', name: 'a.mp3' });
      expect(await left()).toEqual([1.5, 3.5, 4.5]);
    });

    it('deletes those of one user', async () => {
      await saveAll();
      await store.deleteByUser('anna');
      await store.deleteByUser('anna');
      expect(await left()).toEqual([2.5]);
    });
  });
}
