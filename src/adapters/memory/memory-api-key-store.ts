import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ApiKey, ApiKeyStore } from '../../domain/credentials.ts';
import { pageInOrder } from './sorted-page.ts';

export function createMemoryApiKeyStore(clock: Clock): ApiKeyStore {
  const keys = new Map<string, ApiKey>();
  const isAlive = (key: ApiKey): boolean => key.expiresAtMs === undefined || key.expiresAtMs > clock();

  return {
    async findByHash(keyHash) {
      return [...keys.values()].find((key) => key.keyHash === keyHash && isAlive(key)) ?? null;
    },

    async listByUser(userId, page) {
      const ofUser = [...keys.values()].filter((key) => key.userId === userId && isAlive(key));
      return pageInOrder(ofUser, (key) => [-key.createdAtMs, key.id], page);
    },

    async create(key) {
      for (const other of keys.values()) {
        if (other.id === key.id || other.keyHash === key.keyHash) {
          throw new AppError('already_exists', 'There is already such an API key.');
        }
      }
      keys.set(key.id, key);
    },

    async delete(userId, id) {
      const key = keys.get(id);
      if (key?.userId !== userId) return false;
      keys.delete(id);
      return isAlive(key);
    },

    async deleteByUser(userId) {
      for (const key of [...keys.values()]) if (key.userId === userId) keys.delete(key.id);
    },

    async deleteExpired(nowMs, limit) {
      const isExpired = ({ expiresAtMs = Infinity }) => expiresAtMs <= nowMs;
      const expired = [...keys.values()].filter(isExpired).slice(0, limit);
      for (const { id } of expired) keys.delete(id);
      return expired.length;
    },
  };
}
