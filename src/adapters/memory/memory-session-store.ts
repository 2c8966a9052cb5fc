import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Session, SessionStore } from '../../domain/credentials.ts';

export function createMemorySessionStore(clock: Clock): SessionStore {
  const sessions = new Map<string, Session>();

  return {
    async findByTokenHash(tokenHash) {
      for (const session of sessions.values()) {
        if (session.tokenHash === tokenHash) return session.expiresAtMs > clock() ? session : null;
      }
      return null;
    },

    async create(session) {
      for (const other of sessions.values()) {
        if (other.id === session.id || other.tokenHash === session.tokenHash) {
          throw new AppError('already_exists', 'There is already such a session.');
        }
      }
      sessions.set(session.id, session);
    },

    async delete(id) {
      sessions.delete(id);
    },

    async deleteByUser(userId, exceptId) {
      const ended = [...sessions.values()].filter(
        (session) => session.userId === userId && session.id !== exceptId,
      );
      for (const { id } of ended) sessions.delete(id);
      return ended.map(({ id }) => id);
    },

    async listExpired(nowMs, limit) {
      return [...sessions.values()]
        .filter((session) => session.expiresAtMs <= nowMs)
        .sort((one, other) => one.expiresAtMs - other.expiresAtMs)
        .slice(0, limit);
    },
  };
}
