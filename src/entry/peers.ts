import type { ApiGatewayClients } from '../adapters/apigateway/api-gateway-clients.ts';
import { createHttpPeerGateway } from '../adapters/peers/http-peer-gateway.ts';
import type { ClientGateway } from '../domain/client-gateway.ts';
import type { PeerGateway } from '../domain/peer-gateway.ts';
import { eventText } from '../http/live/event-message.ts';
import { createGatewayPeers } from '../services/gateway-peers.ts';
import { signPeerMessage } from '../services/peer-signature.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';

/** Clients whose WebSockets API Gateway holds; null where there is none. @throws ConfigError */
export async function openClientGateway({
  websocketEndpoint: endpoint,
  dynamoTables,
}: Pick<Config, 'websocketEndpoint' | 'dynamoTables'>): Promise<ApiGatewayClients | null> {
  if (endpoint === null) return null;
  if (dynamoTables === null) throw unusable('WEBSOCKET_ENDPOINT', 'needs DYNAMODB_TABLE');
  // Only then: at home, the SDK would take a start's time and memory for nothing.
  const { openApiGatewayClients } = await import('../adapters/apigateway/api-gateway-clients.ts');
  return openApiGatewayClients({ endpoint, region: dynamoTables.region });
}

/** How states travel to clients of other instances, and of a gateway: by the endpoint of their connections. */
export function createPeers(
  ports: Parameters<typeof createGatewayPeers>[0],
  endpoint: string | null,
  clients: ClientGateway | null,
): PeerGateway {
  const sign = (body: string) => signPeerMessage(ports.secret, body, ports.clock());
  const instances = createHttpPeerGateway({ sign });
  if (clients === null) return instances;
  const gateway = createGatewayPeers(ports, clients, (state) => eventText(ports, state));
  return { send: (to, states) => (to === endpoint ? gateway : instances).send(to, states) };
}
