import { STALE_CONNECTION_MS } from '../domain/connection.ts';
import { eachTenant } from './each-tenant.ts';
import type { Ports } from './ports.ts';

/** Shares of one run; what is left has its turn in the next. */
const MAX_CONNECTIONS_A_TENANT = 500;
const MAX_SUBSCRIPTIONS = 1000;

/**
 * Deletes connections that nobody holds any more, whose instance was killed, with what they were subscribed to; then
 * subscriptions that have expired, such as those that a crash has left in between.
 */
export async function sweepConnections(
  ports: Pick<Ports, 'clock' | 'connections' | 'log' | 'subscriptions' | 'users'>,
  signal?: AbortSignal,
): Promise<void> {
  const nowMs = ports.clock();
  for await (const tenantId of eachTenant(ports, signal)) {
    const beforeMs = nowMs - STALE_CONNECTION_MS;
    const stale = await ports.connections.deleteStale(tenantId, beforeMs, MAX_CONNECTIONS_A_TENANT);
    for (const connectionId of stale) await ports.subscriptions.deleteByConnection(connectionId);
    if (stale.length > 0)
      ports.log.info({ count: stale.length }, 'connections that nobody holds are deleted');
  }
  await ports.subscriptions.deleteExpired(nowMs, MAX_SUBSCRIPTIONS);
}
