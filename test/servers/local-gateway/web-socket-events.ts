import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const STAGE = 'live';
const API_ID = 'localapi00';

/** Of one connection, what its events have in common. */
export interface GatewayConnectionFacts {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent: string | null;
}

const requestId = () => `${randomBytes(11).toString('base64url')}=`;

/** As AWS documents it: "WebSocket API $context variables", and the events of its own examples. */
function contextOf(facts: GatewayConnectionFacts, routeKey: string, eventType: string) {
  const now = new Date();
  const id = requestId();
  return {
    routeKey,
    eventType,
    extendedRequestId: id,
    requestTime: now.toUTCString(),
    messageDirection: 'IN',
    stage: STAGE,
    connectedAt: facts.connectedAt,
    requestTimeEpoch: now.getTime(),
    identity: { sourceIp: facts.sourceIp, userAgent: facts.userAgent },
    requestId: id,
    domainName: facts.domainName,
    connectionId: facts.connectionId,
    apiId: API_ID,
  };
}

export function connectEvent(facts: GatewayConnectionFacts, handshake: IncomingMessage) {
  const multiValueHeaders: Record<string, string[]> = {};
  const { rawHeaders } = handshake;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2);
    // Hop by hop: they end at the gateway.
    if (/^(?:connection|upgrade)$/i.test(name)) continue;
    (multiValueHeaders[name] ??= []).push(value);
  }
  multiValueHeaders['X-Forwarded-For'] = [facts.sourceIp];
  multiValueHeaders['X-Forwarded-Proto'] = ['https'];
  const { searchParams } = new URL(handshake.url ?? '/', 'http://localhost');
  const hasQuery = searchParams.size > 0;
  return {
    headers: Object.fromEntries(
      Object.entries(multiValueHeaders).map(([name, values]) => [name, values.at(-1)]),
    ),
    multiValueHeaders,
    ...(hasQuery && {
      queryStringParameters: Object.fromEntries(searchParams),
      multiValueQueryStringParameters: Object.fromEntries(
        [...searchParams.keys()].map((name) => [name, searchParams.getAll(name)]),
      ),
    }),
    requestContext: contextOf(facts, '$connect', 'CONNECT'),
    isBase64Encoded: false,
  };
}

export const messageEvent = (facts: GatewayConnectionFacts, data: Buffer, isBinary: boolean) => ({
  requestContext: { ...contextOf(facts, '$default', 'MESSAGE'), messageId: requestId() },
  body: data.toString(isBinary ? 'base64' : 'utf8'),
  isBase64Encoded: isBinary,
});

export const disconnectEvent = (facts: GatewayConnectionFacts, code: number, reason: string) => ({
  headers: { Host: facts.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' },
  requestContext: {
    ...contextOf(facts, '$disconnect', 'DISCONNECT'),
    disconnectStatusCode: code,
    disconnectReason: reason,
  },
  isBase64Encoded: false,
});
