import { ValidationError } from './app-error.ts';
import type { Page, PageRequest } from './page.ts';
import { checkStoredDate, checkStoredId } from './stored-field.ts';
import { utf8Length } from './utf8-length.ts';

/** A client that is told live how its requests go on: a WebSocket, or a stream of server-sent events. */
export interface Connection {
  /** Without `#`, which parts it from the request in a subscription's key. */
  readonly connectionId: string;
  readonly userId: string;
  readonly tenantId: string;
  /** Where the instance that holds it is reached by the others. */
  readonly endpoint: string;
  readonly connectedAtMs: number;
  readonly lastPingMs: number;
  /** What is worth knowing of the client, such as `kind` and `user_agent`. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One that was not heard of for so long counts as gone. */
export const CONNECTION_LIFETIME_MS = 24 * 3_600_000;

/** Whoever holds a connection tells of its last ping far more often; the sweep takes it that a crash has left the
 * others. */
export const STALE_CONNECTION_MS = 3_600_000;

const MAX_TEXT_BYTES = 64 * 1024;

export const isConnectionAlive = ({ lastPingMs }: Connection, nowMs: number): boolean =>
  lastPingMs + CONNECTION_LIFETIME_MS > nowMs;

/**
 * Those whose last ping is {@link CONNECTION_LIFETIME_MS} ago count as gone, whether they are deleted or not.
 *
 * What was just saved or deleted is found, and not found, at once; lists may be late by some milliseconds. They are in
 * an order of the store's own, in which each page goes on where the one before ended.
 */
export interface ConnectionStore {
  /** Replaces one of the same id. */
  save(connection: Connection): Promise<void>;
  find(connectionId: string): Promise<Connection | null>;
  /** Those that there are, in no particular order. */
  findMany(connectionIds: readonly string[]): Promise<Connection[]>;
  /** Idempotent. */
  delete(connectionId: string): Promise<void>;
  listByUser(userId: string, page: PageRequest): Promise<Page<Connection>>;
  listByTenant(tenantId: string, page: PageRequest): Promise<Page<Connection>>;
  /** Never makes one that is gone. @throws not_found */
  updateLastPing(connectionId: string, lastPingMs: number): Promise<void>;
  /** Deletes those of a tenant that were last heard of before `beforeMs`, also those that count as gone; never one that
   * is heard of meanwhile. @returns their ids, at most `limit` */
  deleteStale(tenantId: string, beforeMs: number, limit: number): Promise<string[]>;
}

/** @throws {ValidationError} for what no store can hold */
export function checkConnection(connection: Connection): void {
  checkConnectionId(connection.connectionId);
  checkStoredId('userId', connection.userId);
  checkStoredId('tenantId', connection.tenantId);
  checkLength('endpoint', connection.endpoint);
  checkStoredDate('connectedAtMs', connection.connectedAtMs);
  checkStoredDate('lastPingMs', connection.lastPingMs);
  checkLength('metadata', ...Object.entries(connection.metadata).flat());
}

/** @throws {ValidationError} */
export function checkConnectionId(connectionId: string): void {
  checkStoredId('connectionId', connectionId);
  if (connectionId.includes('#')) throw new ValidationError('connectionId', 'This may not hold a "#".');
}

function checkLength(field: string, ...texts: readonly string[]): void {
  const bytes = texts.reduce((sum, text) => sum + utf8Length(text), 0);
  if (bytes > MAX_TEXT_BYTES) {
    throw new ValidationError(field, `This may take up to ${MAX_TEXT_BYTES} bytes.`);
  }
}
