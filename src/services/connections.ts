import { isNotFound } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { Connection } from '../domain/connection.ts';
import { authenticateCredential, LOCAL_CALLER } from './authenticate.ts';
import { authorize } from './authorize.ts';
import type { Ports } from './ports.ts';

type ConnectionPorts = Pick<
  Ports,
  'connections' | 'localConnections' | 'clock' | 'newId' | 'instanceEndpoint'
>;

/** Who may hear live how requests go on. @throws unauthorized, forbidden */
export const admitCaller = (caller: Caller | null): Caller => authorize(caller, 'read');

/** Records that a client is connected to this instance. @throws unauthorized, forbidden */
export async function openConnection(
  ports: ConnectionPorts,
  caller: Caller | null,
  metadata: Readonly<Record<string, string>>,
): Promise<Connection> {
  const { userId, tenantId } = admitCaller(caller);
  const nowMs = ports.clock();
  const connection: Connection = {
    connectionId: ports.newId(),
    userId,
    tenantId,
    endpoint: ports.instanceEndpoint(),
    connectedAtMs: nowMs,
    lastPingMs: nowMs,
    metadata,
  };
  await ports.connections.save(connection);
  ports.localConnections.add(connection.connectionId);
  return connection;
}

/** The client is gone: its subscriptions go with it, its requests live on. Idempotent. */
export async function closeConnection(
  ports: Pick<Ports, 'connections' | 'subscriptions' | 'localConnections'>,
  connectionId: string,
): Promise<void> {
  ports.localConnections.delete(connectionId);
  await ports.subscriptions.deleteByConnection(connectionId);
  await ports.connections.delete(connectionId);
}

/** The client was heard of: its record stays. One that a sweep took away meanwhile is made anew. */
export async function keepConnection(
  ports: Pick<Ports, 'connections' | 'clock'>,
  connection: Connection,
): Promise<void> {
  const lastPingMs = ports.clock();
  try {
    await ports.connections.updateLastPing(connection.connectionId, lastPingMs);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await ports.connections.save({ ...connection, lastPingMs });
  }
}

/** The caller as of now; null when the session or key it connected with has been revoked or has expired. */
export async function stillCaller(
  ports: Pick<Ports, 'sessions' | 'apiKeys' | 'users' | 'policy'>,
  caller: Caller,
): Promise<Caller | null> {
  if (caller.credential !== undefined) return authenticateCredential(ports, caller.credential);
  return ports.policy.auth === 'off' ? LOCAL_CALLER : null;
}
