import type { ClientGateway } from '../domain/client-gateway.ts';
import { mapBounded } from '../domain/map-bounded.ts';
import type { PeerGateway } from '../domain/peer-gateway.ts';
import { isFinal, type AsyncRequest } from '../domain/request.ts';
import { createBoundedCache } from './bounded-cache.ts';
import { createCallerWatch } from './caller-watch.ts';
import { callerOfConnection } from './gateway-connections.ts';
import type { Ports } from './ports.ts';

type GatewayPeerPorts = Pick<
  Ports,
  'apiKeys' | 'clock' | 'connections' | 'log' | 'policy' | 'secret' | 'sessions' | 'subscriptions' | 'users'
>;

const MAX_UNDER_WAY = 32;
/** As often as a server looks who is connected to it: nobody else looks after these. */
const LOOK_MS = 30_000;
const MAX_LOOKS = 10_000;

/**
 * Tells states to clients whose connections a gateway holds, each by itself: no instance is behind them that would. What
 * cannot be told is logged, and the others are told all the same; of an end, the client is told when it is heard of next.
 */
export function createGatewayPeers(
  ports: GatewayPeerPorts,
  clients: ClientGateway,
  /** The message of a state. */
  textOf: (state: AsyncRequest) => string,
): PeerGateway {
  const callers = createCallerWatch(ports, { callerMs: LOOK_MS });
  const looks = createBoundedCache<{ readonly atMs: number; readonly mayHear: boolean }>(MAX_LOOKS);

  /** Whether its session or key still holds, as of half a minute ago. */
  async function mayHear(connectionId: string): Promise<boolean> {
    const nowMs = ports.clock();
    const known = looks.get(connectionId);
    if (known !== undefined && nowMs >= known.atMs && nowMs - known.atMs < LOOK_MS) return known.mayHear;
    const record = await ports.connections.find(connectionId);
    const caller = record === null ? null : callerOfConnection(ports, record);
    const isStill = caller !== null && (await callers.find(caller)) !== null;
    looks.set(connectionId, { atMs: nowMs, mayHear: isStill }, 1);
    return isStill;
  }

  /** @returns whether the connection is gone */
  async function tell(connectionId: string, states: readonly AsyncRequest[]): Promise<boolean> {
    if (!(await mayHear(connectionId))) {
      await clients.disconnect(connectionId);
      return true;
    }
    for (const state of states) {
      if ((await clients.post(connectionId, textOf(state))) === 'gone') return true;
      // Nothing follows an end.
      if (isFinal(state.status)) await ports.subscriptions.unsubscribe(connectionId, state.requestId);
    }
    return false;
  }

  return {
    async send(_endpoint, { requests, connectionIds }) {
      const gone: string[] = [];
      await mapBounded(connectionIds, MAX_UNDER_WAY, async (connectionId) => {
        try {
          if (await tell(connectionId, requests)) gone.push(connectionId);
        } catch (error) {
          const requestIds = requests.map(({ requestId }) => requestId);
          ports.log.warn({ connectionId, requestIds, error }, 'a client at the gateway could not be told');
        }
      });
      return gone;
    },
  };
}
