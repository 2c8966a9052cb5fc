import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SettingStore } from '../../src/domain/setting.ts';

export interface OpenSettingStore {
  readonly store: SettingStore;
  readonly close?: () => Promise<void> | void;
}

export function describeSettingStoreContract(
  name: string,
  open: () => OpenSettingStore | Promise<OpenSettingStore>,
): void {
  describe(`SettingStore: ${name}`, () => {
    let opened: OpenSettingStore;
    let store: SettingStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('keeps the newest value of a key', async () => {
      expect(await store.find('a')).toBeNull();
      await store.save('a', '1');
      await store.save('b', '');
      await store.save('a', '2');
      expect(await store.find('a')).toBe('2');
      expect(await store.find('b')).toBe('');
      expect(await store.find('A')).toBeNull();
    });

    it('ensures a value, the same for everyone who asks', async () => {
      const values = await Promise.all(['x', 'y', 'z'].map((value) => store.ensure('secret', value)));
      expect(new Set(values).size).toBe(1);
      expect(await store.find('secret')).toBe(values[0]);
      await store.save('secret', 'other');
      expect(await store.ensure('secret', 'x')).toBe('other');
    });
  });
}
