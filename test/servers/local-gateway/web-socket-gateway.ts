import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { watchFrames } from './frame-lengths.ts';
import {
  connectEvent,
  disconnectEvent,
  messageEvent,
  STAGE,
  type GatewayConnectionFacts,
} from './web-socket-events.ts';

export type InvokeWebSocket = (event: unknown) => Promise<{ readonly statusCode: number }>;

export interface WebSocketGatewayOptions {
  /** Runs the function. Rejects when it fails. */
  readonly invoke: InvokeWebSocket;
  /** API Gateway's own limits, which a test cannot wait for. */
  readonly idleMs?: number;
  readonly lifeMs?: number;
  readonly integrationMs?: number;
}

/** API Gateway's WebSockets on loopback, with its limits: for tests. */
export interface WebSocketGateway {
  /** What clients connect to. */
  readonly url: string;
  /** Where functions are to send what clients are told: `WEBSOCKET_ENDPOINT`. */
  readonly endpoint: string;
  /** The open connections. */
  readonly connectionIds: readonly string[];
  /** How often each management request was made, as `POST 200`. */
  readonly managed: ReadonlyMap<string, number>;
  /** Answers the next so many posts as throttled. */
  throttle(posts: number): void;
  stop(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 128 * 1024;
const MAX_FRAME_BYTES = 32 * 1024;
const TOO_LARGE = 1009;
const GOING_AWAY = 1001;

interface Held extends GatewayConnectionFacts {
  readonly socket: WebSocket;
  lastActiveAt: number;
  touch(): void;
}

export async function startWebSocketGateway({
  invoke,
  idleMs = 10 * 60_000,
  lifeMs = 2 * 3_600_000,
  integrationMs = 29_000,
}: WebSocketGatewayOptions): Promise<WebSocketGateway> {
  const connections = new Map<string, Held>();
  const managed = new Map<string, number>();
  const underWay = new Set<Promise<unknown>>();
  let toThrottle = 0;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const server = createServer((request, response) => void manage(request, response));

  /** @throws when the function fails, or takes too long */
  async function integrate(event: unknown): Promise<{ readonly statusCode: number }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('The integration takes too long.')), integrationMs);
    });
    const invocation = Promise.race([invoke(event), late]);
    underWay.add(invocation);
    return invocation.finally(() => {
      clearTimeout(timer);
      underWay.delete(invocation);
    });
  }

  async function handshake(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    stream.on('error', () => stream.destroy());
    const facts: GatewayConnectionFacts = {
      connectionId: `${randomBytes(11).toString('base64url')}=`,
      connectedAt: Date.now(),
      domainName: request.headers.host ?? 'localhost',
      sourceIp: '203.0.113.7',
      userAgent: request.headers['user-agent'] ?? null,
    };
    const path = request.url?.split('?', 1)[0];
    const status =
      path === `/${STAGE}`
        ? await integrate(connectEvent(facts, request)).then(
            ({ statusCode }) => statusCode,
            () => 502,
          )
        : 403;
    if (status < 200 || status > 299) {
      // What the function says beside is left out.
      const body = JSON.stringify({ message: STATUS_CODES[status], connectionId: facts.connectionId });
      stream.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      );
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => hold(facts, socket, stream));
  }

  function hold(facts: GatewayConnectionFacts, socket: WebSocket, stream: Duplex): void {
    let idle: NodeJS.Timeout | undefined;
    const touch = () => {
      clearTimeout(idle);
      idle = setTimeout(() => socket.close(GOING_AWAY, 'Idle'), idleMs);
    };
    const life = setTimeout(() => socket.close(GOING_AWAY, 'Going away'), lifeMs);
    const held: Held = { ...facts, socket, lastActiveAt: Date.now(), touch };
    connections.set(facts.connectionId, held);
    touch();
    stream.on(
      'data',
      watchFrames((bytes) => {
        if (bytes > MAX_FRAME_BYTES) socket.close(TOO_LARGE, 'Frame too large');
      }),
    );
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer, isBinary) => {
      if (socket.readyState !== socket.OPEN) return;
      held.lastActiveAt = Date.now();
      touch();
      integrate(messageEvent(facts, data, isBinary)).catch(() => {
        const { connectionId } = facts;
        socket.send(JSON.stringify({ message: 'Internal server error', connectionId }));
      });
    });
    socket.on('close', (code, reason) => {
      clearTimeout(idle);
      clearTimeout(life);
      connections.delete(facts.connectionId);
      // Nobody is told of a failure: AWS tries once.
      integrate(disconnectEvent(facts, code, reason.toString())).catch(() => undefined);
    });
  }

  /** `@connections`, as "Use @connections commands in your backend service" describes it. */
  async function manage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { method = '' } = request;
    const [status, type, answer] = command(request, method, body);
    managed.set(`${method} ${status}`, (managed.get(`${method} ${status}`) ?? 0) + 1);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(type !== '' && { 'x-amzn-errortype': type }),
    });
    response.end(answer);
  }

  function command(request: IncomingMessage, method: string, body: Buffer): [number, string, string?] {
    const signature = request.headers.authorization ?? '';
    if (!/^AWS4-HMAC-SHA256 Credential=\S+\/execute-api\/aws4_request/.test(signature)) {
      return [403, 'MissingAuthenticationTokenException'];
    }
    const [, id = ''] = new RegExp(`^/${STAGE}/@connections/([^/]+)$`).exec(request.url ?? '') ?? [];
    const held = connections.get(decodeURIComponent(id));
    if (method === 'POST' && toThrottle > 0) {
      toThrottle -= 1;
      return [429, 'LimitExceededException'];
    }
    if (held === undefined || held.socket.readyState !== held.socket.OPEN) return [410, 'GoneException'];
    if (method === 'DELETE') {
      held.socket.close(1000, 'Connection deleted');
      return [204, ''];
    }
    if (method === 'GET') {
      const { connectedAt, lastActiveAt, sourceIp, userAgent } = held;
      return [200, '', JSON.stringify({ connectedAt, lastActiveAt, identity: { sourceIp, userAgent } })];
    }
    if (body.length > MAX_MESSAGE_BYTES) return [413, 'PayloadTooLargeException'];
    held.lastActiveAt = Date.now();
    held.touch();
    held.socket.send(body.toString());
    return [200, ''];
  }

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    void handshake(request, stream, head);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `ws://127.0.0.1:${port}/${STAGE}`,
    endpoint: `http://127.0.0.1:${port}/${STAGE}`,
    get connectionIds() {
      return [...connections.keys()];
    },
    managed,
    throttle: (posts) => {
      toThrottle = posts;
    },
    async stop() {
      for (const { socket } of connections.values()) socket.terminate();
      while (underWay.size > 0) await Promise.allSettled(underWay);
      server.close();
      server.closeAllConnections();
    },
  };
}
