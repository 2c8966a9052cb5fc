import { openApiGatewayClients } from '../src/adapters/apigateway/api-gateway-clients.ts';
import type { PeerGateway } from '../src/domain/peer-gateway.ts';
import { createGatewayHandler } from '../src/http/gateway/gateway-handler.ts';
import type { GatewayEvent } from '../src/http/gateway/gateway-event.ts';
import { eventText } from '../src/http/live/event-message.ts';
import { DEFAULT_LIVE_LIMITS, type LiveLimits } from '../src/http/live/live-limits.ts';
import { createRealTimeMetrics } from '../src/http/real-time-metrics.ts';
import { createCallerWatch } from '../src/services/caller-watch.ts';
import { createGatewayPeers } from '../src/services/gateway-peers.ts';
import { shareStates } from '../src/services/share-states.ts';
import { openLiveApp, type LiveApp } from './live-app.ts';
import type { PortOverrides } from './memory-ports.ts';
import {
  startWebSocketGateway,
  type WebSocketGateway,
  type WebSocketGatewayOptions,
} from './servers/local-gateway/web-socket-gateway.ts';

export interface GatewayApp extends LiveApp {
  readonly gateway: WebSocketGateway;
}

export interface GatewayAppOptions extends Omit<WebSocketGatewayOptions, 'invoke'> {
  readonly limits?: Partial<LiveLimits>;
}

/** As `openLiveApp`, but that WebSockets come through the local gateway: an invocation for each event, in this process. */
export async function openGatewayApp(
  overrides: PortOverrides = {},
  { limits: change = {}, ...gatewayOptions }: GatewayAppOptions = {},
): Promise<GatewayApp> {
  let gateway: WebSocketGateway | undefined;
  let peers: PeerGateway | undefined;
  const late: PeerGateway = {
    send: async (endpoint, states) => peers?.send(endpoint, states) ?? [],
  };
  const app = await openLiveApp({ peers: late, ...overrides }, {}, async (ports) => {
    const limits = { ...DEFAULT_LIVE_LIMITS, ...change };
    const sharing = shareStates(ports, { endsAgainMs: 50 });
    gateway = await startWebSocketGateway({
      ...gatewayOptions,
      invoke: async (event) => {
        const answer = await handle(event as GatewayEvent, AbortSignal.timeout(25_000));
        await sharing.settled();
        return answer;
      },
    });
    const { endpoint } = gateway;
    const credentials = { accessKeyId: 'test', secretAccessKey: 'testtest' };
    const clients = openApiGatewayClients({ endpoint, region: 'eu-central-1', credentials });
    peers = createGatewayPeers(ports, clients, (state) => eventText(ports, state));
    const handle = createGatewayHandler({
      ports,
      clients,
      callers: createCallerWatch(ports, limits),
      counters: createRealTimeMetrics([]),
      limits,
      origins: { publicOrigin: 'https://radio.example', corsOrigins: [] },
      endpoint,
    });
    return {
      url: gateway.url,
      close: async () => {
        await gateway?.stop();
        await sharing.stop();
        clients.close();
      },
    };
  });
  if (gateway === undefined) throw new Error('The gateway has not started.');
  return { ...app, gateway };
}
