import { AppError } from '../domain/app-error.ts';
import type { Caller, Credential } from '../domain/caller.ts';
import type { Connection } from '../domain/connection.ts';
import { admitCaller } from './connections.ts';
import type { Ports } from './ports.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';

/** Where the record of a connection keeps, sealed, whom it was let in for. */
const CALLER = 'caller';
const RETRY_AFTER_S = 30;

interface SealedCaller {
  readonly credential: Credential;
  readonly isAdmin: boolean;
}

export interface GatewayConnection {
  /** Of the gateway's choosing. */
  readonly connectionId: string;
  /** Where the gateway is told what to send. */
  readonly endpoint: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Records a client whose connection a gateway holds. Between its messages nothing of it is in memory anywhere: the record
 * tells by which session or key it is to be known again; sealed, so that whoever reads the table learns of none.
 * @throws unauthorized, forbidden; rate_limited when the user has `maxPerUser` connections
 */
export async function openGatewayConnection(
  ports: Pick<Ports, 'connections' | 'clock' | 'secret'>,
  caller: Caller | null,
  { connectionId, endpoint, metadata }: GatewayConnection,
  maxPerUser: number,
): Promise<Connection> {
  const { userId, tenantId, isAdmin, credential } = admitCaller(caller);
  if (credential === undefined) {
    throw new AppError('forbidden', 'This needs a session or an API key, which can be looked up again.');
  }
  await checkRoom(ports, userId, maxPerUser);
  const sealed: SealedCaller = { credential, isAdmin };
  const nowMs = ports.clock();
  const connection: Connection = {
    connectionId,
    userId,
    tenantId,
    endpoint,
    connectedAtMs: nowMs,
    lastPingMs: nowMs,
    metadata: {
      ...metadata,
      [CALLER]: sealSecret(ports.secret, nameOf(connectionId), JSON.stringify(sealed)),
    },
  };
  await ports.connections.save(connection);
  return connection;
}

/** Those that come together may all find room: the index that is counted is late by some milliseconds. */
async function checkRoom(
  { connections }: Pick<Ports, 'connections'>,
  userId: string,
  max: number,
): Promise<void> {
  let page = await connections.listByUser(userId, { limit: max });
  let count = page.items.length;
  while (count < max && page.next !== undefined) {
    page = await connections.listByUser(userId, { limit: max, after: page.next });
    count += page.items.length;
  }
  if (count < max) return;
  throw new AppError('rate_limited', `A user has at most ${max} connections.`, {
    details: { retry_after_s: RETRY_AFTER_S },
  });
}

/** Who connected, as it was then, to be looked up again; null for what this home has not sealed. */
export function callerOfConnection(
  ports: Pick<Ports, 'secret'>,
  { connectionId, userId, tenantId, metadata }: Connection,
): Caller | null {
  let sealed: SealedCaller;
  try {
    sealed = JSON.parse(
      openSecret(ports.secret, nameOf(connectionId), metadata[CALLER] ?? ''),
    ) as SealedCaller;
  } catch {
    // Not one of ours, or of another signing secret: whatever is wrong with it, nobody is known by it.
    return null;
  }
  const { credential, isAdmin } = sealed;
  return { userId, username: '', tenantId, isAdmin, scopes: [], credential };
}

/** One that is copied to another connection opens nothing. */
const nameOf = (connectionId: string): string => `connection ${connectionId}`;
