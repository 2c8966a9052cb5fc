import type { Clock } from '../../domain/clock.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../domain/idempotency.ts';

export function createMemoryIdempotencyStore(clock: Clock): IdempotencyStore {
  const records = new Map<string, IdempotencyRecord>();

  const findAlive = (key: string): IdempotencyRecord | null => {
    const record = records.get(key);
    return record !== undefined && record.expiresAtMs > clock() ? record : null;
  };

  return {
    async begin(record) {
      const current = findAlive(record.key);
      if (current === null) records.set(record.key, record);
      return current;
    },

    async finish(key, response, expiresAtMs) {
      const current = findAlive(key);
      if (current !== null) records.set(key, { ...current, response, expiresAtMs });
    },

    async release(key) {
      records.delete(key);
    },

    async deleteExpired(nowMs, limit) {
      const expired = [...records.values()].filter((record) => record.expiresAtMs <= nowMs).slice(0, limit);
      for (const { key } of expired) records.delete(key);
      return expired.length;
    },
  };
}
