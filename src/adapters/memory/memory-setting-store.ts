import type { SettingStore } from '../../domain/setting.ts';

export function createMemorySettingStore(): SettingStore {
  const settings = new Map<string, string>();

  return {
    async find(key) {
      return settings.get(key) ?? null;
    },

    async ensure(key, value) {
      const stored = settings.get(key) ?? value;
      settings.set(key, stored);
      return stored;
    },

    async save(key, value) {
      settings.set(key, value);
    },
  };
}
