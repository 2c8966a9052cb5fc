import type { IncomingHttpHeaders } from 'node:http';
import { AppError, isNotFound } from '../../domain/app-error.ts';
import type { Connection } from '../../domain/connection.ts';
import { createBoundedCache } from '../../services/bounded-cache.ts';
import { closeConnection } from '../../services/connections.ts';
import { callerOfConnection, openGatewayConnection } from '../../services/gateway-connections.ts';
import { endedUntold } from '../../services/gateway-subscriptions.ts';
import type { Ports } from '../../services/ports.ts';
import { findHandshakeCaller, SESSION_COOKIE } from '../authentication.ts';
import { costOf, receiveMessage, refusal } from '../live/receive-message.ts';
import { TokenBucket } from '../live/token-bucket.ts';
import type { OwnOrigins } from '../origin-check.ts';
import { PROBLEM_CONTENT_TYPE, problemHeaders, STATUS, toProblem } from '../problem.ts';
import { GatewayClient, type GatewayServices } from './gateway-client.ts';
import type { GatewayAnswer, GatewayEvent } from './gateway-event.ts';

type HandlerPorts = GatewayServices['ports'] &
  Pick<
    Ports,
    | 'apiKeys'
    | 'connections'
    | 'idempotency'
    | 'links'
    | 'localConnections'
    | 'policy'
    | 'secret'
    | 'sessions'
    | 'users'
  >;

export interface GatewayHandlerServices extends GatewayServices {
  readonly ports: HandlerPorts;
  readonly origins: OwnOrigins;
  /** What the records of connections name as the way to them. */
  readonly endpoint: string;
}

const MAX_USER_AGENT = 200;
/** Connections whose messages this process counts; the least recently heard give way. */
const MAX_COUNTED = 10_000;
const OK: GatewayAnswer = { statusCode: 200 };

/**
 * WebSockets that API Gateway holds: an invocation for each handshake, message and end. Between them nothing is held here
 * but what makes the next one faster; the records of connections and subscriptions say all.
 * @returns what answers an event. Everything is sent when it resolves
 */
export function createGatewayHandler(
  services: GatewayHandlerServices,
): (event: GatewayEvent, signal: AbortSignal) => Promise<GatewayAnswer> {
  const { ports, limits, counters } = services;
  const buckets = createBoundedCache<TokenBucket>(MAX_COUNTED);

  async function connect(event: GatewayEvent): Promise<GatewayAnswer> {
    const { connectionId, domainName, requestId } = event.requestContext;
    try {
      const headers = lowerCased(event.headers);
      const caller = await findHandshakeCaller(
        ports,
        {
          headers,
          cookie: cookieOf(headers.cookie, SESSION_COOKIE),
          ticket: event.queryStringParameters?.['ticket'],
          ownOrigin: `https://${domainName}`,
        },
        services.origins,
      );
      const metadata = {
        kind: 'websocket',
        user_agent: (headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT),
      };
      const { endpoint } = services;
      const connection = { connectionId, endpoint, metadata };
      const { userId } = await openGatewayConnection(ports, caller, connection, limits.connectionsPerUser);
      counters.connected('websocket');
      ports.log.info({ connectionId, userId }, 'client connected');
      return OK;
    } catch (error) {
      return refused(error, requestId);
    }
  }

  function refused(error: unknown, requestId: string): GatewayAnswer {
    const isShown = error instanceof AppError && error.code !== 'internal';
    const shown = isShown ? error : new AppError('internal', 'Something went wrong on our side.');
    const statusCode = STATUS[shown.code];
    ports.log[statusCode < 500 ? 'info' : 'error']({ requestId, code: shown.code, error }, 'client refused');
    return {
      statusCode,
      headers: { 'content-type': PROBLEM_CONTENT_TYPE, ...problemHeaders(shown) },
      body: JSON.stringify(toProblem(shown, requestId, statusCode)),
    };
  }

  async function receive(event: GatewayEvent, signal: AbortSignal): Promise<void> {
    const { connectionId } = event.requestContext;
    const record = await ports.connections.find(connectionId);
    const caller = record === null ? null : callerOfConnection(ports, record);
    if (record === null || caller === null) {
      // A sweep has taken its record: it comes again.
      await services.clients.disconnect(connectionId);
      return;
    }
    await keep(record);
    const client = new GatewayClient(services, connectionId, caller, signal);
    const { body, isBase64Encoded: isBinary = false } = event;
    const data = Buffer.from(body ?? '', isBinary ? 'base64' : 'utf8');
    if (mayBeHeard(client, data.length)) {
      const type = await receiveMessage(ports, client, { data, isBinary });
      if (type === 'ping') await tellEnds(client);
    }
    await client.settled();
    if (client.isGone) await closeConnection(ports, connectionId);
  }

  /** Counted by this process alone: how much comes in all is the gateway's to limit (docs/decisions/0026-…). */
  function mayBeHeard(client: GatewayClient, sizeBytes: number): boolean {
    const nowMs = ports.clock();
    const { messageBurst: burst, messagesPerSecond: perSecond } = limits;
    const bucket = buckets.get(client.connectionId) ?? new TokenBucket({ burst }, nowMs);
    buckets.set(client.connectionId, bucket, 1);
    const spending = bucket.spend(costOf(sizeBytes), { burst, perSecond }, nowMs);
    if (spending === 'allowed') return true;
    counters.dropped();
    if (spending === 'flooded') client.end('flood');
    else {
      const error = new AppError('rate_limited', `At most ${perSecond} messages a second, for long.`);
      client.reply(refusal(ports, error));
    }
    return false;
  }

  /** A client that is quiet pings, lest the gateway drops it: then it is told of ends that did not reach it. */
  async function tellEnds(client: GatewayClient): Promise<void> {
    const ended = await endedUntold(ports, client.connectionId);
    if (ended.length === 0) return;
    if ((await client.currentCaller()) === null) {
      client.end('revoked');
      return;
    }
    for (const state of ended) {
      client.tell(state);
      await client.settled();
      if (!client.isReached) return;
      await ports.subscriptions.unsubscribe(client.connectionId, state.requestId);
    }
  }

  async function keep({ connectionId, lastPingMs }: Connection): Promise<void> {
    const nowMs = ports.clock();
    if (nowMs - lastPingMs < limits.keepMs) return;
    await ports.connections.updateLastPing(connectionId, nowMs).catch((error: unknown) => {
      // It has ended meanwhile.
      if (!isNotFound(error)) throw error;
    });
  }

  return async (event, signal) => {
    const { eventType, connectionId } = event.requestContext;
    if (eventType === 'CONNECT') return connect(event);
    if (eventType === 'DISCONNECT') {
      await closeConnection(ports, connectionId);
      counters.closed('websocket', 'client');
    } else await receive(event, signal);
    return OK;
  };
}

/** A client may write the names of headers as it likes: RFC 9110, 5.1. */
const lowerCased = (headers: GatewayEvent['headers'] = {}): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** RFC 6265, 4.2.1. Ours need no decoding. */
function cookieOf(header: string | undefined, name: string): string | undefined {
  const pairs = header?.split(';').map((pair) => pair.trim());
  return pairs?.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
