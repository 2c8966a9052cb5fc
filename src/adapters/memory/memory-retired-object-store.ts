import type { RetiredObjectStore } from '../../domain/retired-object.ts';
import { pageInOrder } from './sorted-page.ts';

export function createMemoryRetiredObjectStore(): RetiredObjectStore {
  const sweepTimes = new Map<string, number>();

  return {
    async add({ key, sweepAtMs }) {
      sweepTimes.set(key, Math.max(sweepAtMs, sweepTimes.get(key) ?? sweepAtMs));
    },

    async listDue(nowMs, limit) {
      const all = Array.from(sweepTimes, ([key, sweepAtMs]) => ({ key, sweepAtMs }));
      const due = all.filter((object) => object.sweepAtMs <= nowMs);
      return [...pageInOrder(due, (object) => [object.sweepAtMs, object.key], { limit }).items];
    },

    async remove(key) {
      sweepTimes.delete(key);
    },
  };
}
