import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { isConnectionAlive, type Connection, type ConnectionStore } from '../../domain/connection.ts';
import type { PageRequest } from '../../domain/page.ts';
import { pageInOrder } from './sorted-page.ts';

export function createMemoryConnectionStore(clock: Clock): ConnectionStore {
  const connections = new Map<string, Connection>();

  const findAlive = (connectionId: string): Connection | null => {
    const connection = connections.get(connectionId);
    return connection !== undefined && isConnectionAlive(connection, clock()) ? connection : null;
  };
  const listAlive = (isMeant: (connection: Connection) => boolean, page: PageRequest) => {
    const nowMs = clock();
    const alive = [...connections.values()].filter((each) => isMeant(each) && isConnectionAlive(each, nowMs));
    return pageInOrder(alive, ({ connectionId }) => [connectionId], page);
  };

  return {
    async save(connection) {
      connections.set(connection.connectionId, { ...connection, metadata: { ...connection.metadata } });
    },

    find: async (connectionId) => findAlive(connectionId),

    findMany: async (connectionIds) =>
      [...new Set(connectionIds)].map(findAlive).filter((connection) => connection !== null),

    async delete(connectionId) {
      connections.delete(connectionId);
    },

    listByUser: async (userId, page) => listAlive((connection) => connection.userId === userId, page),

    listByTenant: async (tenantId, page) => listAlive((connection) => connection.tenantId === tenantId, page),

    async updateLastPing(connectionId, lastPingMs) {
      const connection = findAlive(connectionId);
      if (connection === null) throw new AppError('not_found', 'There is no such connection.');
      connections.set(connectionId, { ...connection, lastPingMs });
    },

    async deleteStale(tenantId, beforeMs, limit) {
      const stale = [...connections.values()]
        .filter((connection) => connection.tenantId === tenantId && connection.lastPingMs < beforeMs)
        .slice(0, limit);
      for (const { connectionId } of stale) connections.delete(connectionId);
      return stale.map(({ connectionId }) => connectionId);
    },
  };
}
