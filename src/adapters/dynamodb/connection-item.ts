import { CONNECTION_LIFETIME_MS, type Connection } from '../../domain/connection.ts';
import type { Item } from './dynamo-table.ts';
import { dateMs, text } from './item-fields.ts';
import { instant } from './request-item.ts';

/** When DynamoDB may delete it, some days later. `LastPing` decides. */
export const connectionTtl = (lastPingMs: number): number =>
  Math.ceil((lastPingMs + CONNECTION_LIFETIME_MS) / 1000);

export const toConnectionItem = (connection: Connection): Item => ({
  ConnectionID: connection.connectionId,
  UserID: connection.userId,
  TenantID: connection.tenantId,
  Endpoint: connection.endpoint,
  ConnectedAt: instant(connection.connectedAtMs),
  LastPing: instant(connection.lastPingMs),
  Metadata: { ...connection.metadata },
  TTL: connectionTtl(connection.lastPingMs),
});

export const fromConnectionItem = (item: Item): Connection => ({
  connectionId: text(item, 'ConnectionID'),
  userId: text(item, 'UserID'),
  tenantId: text(item, 'TenantID'),
  endpoint: text(item, 'Endpoint'),
  connectedAtMs: dateMs(item, 'ConnectedAt'),
  lastPingMs: dateMs(item, 'LastPing'),
  metadata: (item['Metadata'] ?? {}) as Connection['metadata'],
});
