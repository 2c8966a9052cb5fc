import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { CONNECTION_LIFETIME_MS, type Connection, type ConnectionStore } from '../../domain/connection.ts';
import type { Database, Parameters, Row } from './database.ts';
import { createGroupCommit } from './group-commit.ts';
import { placeByText, toPage } from './page-place.ts';
import { number, text } from './row.ts';

const IS_ALIVE = 'last_ping_ms > :gone_since';

/** Many clients come, go and are heard of in the same moment: their writes share a commit. */
export function openSqliteConnectionStore(db: Database, clock: Clock): ConnectionStore {
  const save = db.prepare(
    `INSERT OR REPLACE INTO connections
      (connection_id, user_id, tenant_id, endpoint, connected_at_ms, last_ping_ms, metadata_json)
     VALUES (:connection_id, :user_id, :tenant_id, :endpoint, :connected_at_ms, :last_ping_ms, :metadata_json)`,
  );
  const findMany = db.prepare(
    `SELECT * FROM connections WHERE connection_id IN (SELECT value FROM json_each(:ids)) AND ${IS_ALIVE}`,
  );
  const remove = db.prepare('DELETE FROM connections WHERE connection_id = :id');
  const prepareList = (owner: 'user_id' | 'tenant_id') =>
    db.prepare(
      `SELECT * FROM connections WHERE ${owner} = :owner AND connection_id > :after AND ${IS_ALIVE}
       ORDER BY connection_id LIMIT :limit`,
    );
  const listByUser = prepareList('user_id');
  const listByTenant = prepareList('tenant_id');
  const ping = db.prepare(
    `UPDATE connections SET last_ping_ms = :last_ping_ms WHERE connection_id = :id AND ${IS_ALIVE}`,
  );
  const removeStale = db.prepare(
    `DELETE FROM connections WHERE connection_id IN
      (SELECT connection_id FROM connections WHERE tenant_id = :tenant AND last_ping_ms < :before
       ORDER BY last_ping_ms LIMIT :limit)
     RETURNING connection_id`,
  );

  const writes = createGroupCommit(db);
  const goneSince = () => ({ gone_since: clock() - CONNECTION_LIFETIME_MS });
  const findAll = (ids: readonly string[]) =>
    findMany.all({ ids: JSON.stringify(ids), ...goneSince() }).map(fromConnectionRow);
  const listFor =
    (statement: typeof listByUser): ConnectionStore['listByUser'] =>
    async (owner, page) => {
      const place = { after: placeByText(page), limit: page.limit + 1 };
      const rows = statement.all({ owner, ...place, ...goneSince() });
      return toPage(rows, page.limit, ['connection_id'], fromConnectionRow);
    };

  return {
    async save(connection) {
      await writes.run(() => save.run(toConnectionRow(connection)));
    },

    find: async (connectionId) => findAll([connectionId])[0] ?? null,

    findMany: async (connectionIds) => findAll(connectionIds),

    async delete(connectionId) {
      await writes.run(() => remove.run({ id: connectionId }));
    },

    listByUser: listFor(listByUser),

    listByTenant: listFor(listByTenant),

    async updateLastPing(connectionId, lastPingMs) {
      const changed = await writes.run(() =>
        ping.run({ id: connectionId, last_ping_ms: lastPingMs, ...goneSince() }),
      );
      if (changed === 0) throw new AppError('not_found', 'There is no such connection.');
    },

    async deleteStale(tenantId, beforeMs, limit) {
      const rows = await writes.run(() => removeStale.all({ tenant: tenantId, before: beforeMs, limit }));
      return rows.map((row) => text(row, 'connection_id'));
    },
  };
}

const toConnectionRow = (connection: Connection): Parameters => ({
  connection_id: connection.connectionId,
  user_id: connection.userId,
  tenant_id: connection.tenantId,
  endpoint: connection.endpoint,
  connected_at_ms: connection.connectedAtMs,
  last_ping_ms: connection.lastPingMs,
  metadata_json: JSON.stringify(connection.metadata),
});

const fromConnectionRow = (row: Row): Connection => ({
  connectionId: text(row, 'connection_id'),
  userId: text(row, 'user_id'),
  tenantId: text(row, 'tenant_id'),
  endpoint: text(row, 'endpoint'),
  connectedAtMs: number(row, 'connected_at_ms'),
  lastPingMs: number(row, 'last_ping_ms'),
  metadata: JSON.parse(text(row, 'metadata_json')) as Connection['metadata'],
});
