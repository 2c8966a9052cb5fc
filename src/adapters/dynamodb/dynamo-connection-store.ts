import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import {
  CONNECTION_LIFETIME_MS,
  isConnectionAlive,
  type Connection,
  type ConnectionStore,
} from '../../domain/connection.ts';
import { connectionTtl, fromConnectionItem, toConnectionItem } from './connection-item.ts';
import type { ConnectionKey, ConnectionTable } from './connection-table.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { Item } from './dynamo-table.ts';
import { absent, any, compare } from './expression.ts';
import { readUnsortedPage } from './unsorted-page.ts';
import { text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { chunksOf } from './repetition.ts';
import { instant } from './request-item.ts';

const DELETES_AT_ONCE = 25;

/** One item each. What asks for a connection by its id sees its own writes; lists come from an index, which is late by
 * some milliseconds. */
export function openDynamoConnectionStore(table: ConnectionTable, clock: Clock): ConnectionStore {
  const toAlive = (item: Item): Connection | null => {
    const connection = fromConnectionItem(item);
    return isConnectionAlive(connection, clock()) ? connection : null;
  };

  return {
    save: (connection) => table.put(toConnectionItem(connection)),

    async find(connectionId) {
      if (!fitsKey(connectionId)) return null;
      const item = await table.get(keyOf(connectionId), { consistent: true });
      return item === null ? null : toAlive(item);
    },

    async findMany(connectionIds) {
      const keys = connectionIds.filter((id) => fitsKey(id)).map(keyOf);
      const items = await table.getMany(keys, { consistent: true });
      return items.map(toAlive).filter((connection) => connection !== null);
    },

    async delete(connectionId) {
      if (fitsKey(connectionId)) await table.delete(keyOf(connectionId));
    },

    listByUser: (userId, page) => readUnsortedPage(table, USER_INDEX, userId, page, toAlive),

    listByTenant: (tenantId, page) => readUnsortedPage(table, TENANT_INDEX, tenantId, page, toAlive),

    async updateLastPing(connectionId, lastPingMs) {
      if (!fitsKey(connectionId)) throw notFound();
      const change = { set: { LastPing: instant(lastPingMs), TTL: connectionTtl(lastPingMs) } };
      const isAlive = compare('LastPing', '>', instant(clock() - CONNECTION_LIFETIME_MS));
      try {
        await table.update(keyOf(connectionId), change, isAlive);
      } catch (error) {
        throw error instanceof ConditionFailed ? notFound(error) : error;
      }
    },

    async deleteStale(tenantId, beforeMs, limit) {
      if (!fitsKey(tenantId) || limit < 1) return [];
      const filter = compare('LastPing', '<', instant(beforeMs));
      const query = { index: 'TenantIndex', partition: tenantId, filter, fields: ['ConnectionID'] } as const;
      const found: string[] = [];
      for await (const item of table.queryAll(query)) {
        found.push(text(item, 'ConnectionID'));
        if (found.length === limit) break;
      }
      // Absent it is when the client sends a delete again whose answer was lost.
      const isStill = any(absent('ConnectionID'), filter);
      const remove = async (connectionId: string): Promise<string | null> => {
        try {
          await table.delete(keyOf(connectionId), isStill);
          return connectionId;
        } catch (error) {
          if (error instanceof ConditionFailed) return null;
          throw error;
        }
      };
      const deleted: (string | null)[] = [];
      for (const some of chunksOf(found, DELETES_AT_ONCE))
        deleted.push(...(await Promise.all(some.map(remove))));
      return deleted.filter((connectionId) => connectionId !== null);
    },
  };
}

const keyOf = (connectionId: string): ConnectionKey => ({ ConnectionID: connectionId });

const USER_INDEX = { index: 'UserIndex', attribute: 'UserID', keyAttribute: 'ConnectionID' } as const;
const TENANT_INDEX = { index: 'TenantIndex', attribute: 'TenantID', keyAttribute: 'ConnectionID' } as const;

const notFound = (cause?: unknown): AppError =>
  new AppError('not_found', 'There is no such connection.', { cause });
