import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer, type ServerOptions } from 'ws';
import type { Caller } from '../../domain/caller.ts';
import type { Connection } from '../../domain/connection.ts';
import { answerClientError } from '../error-handler.ts';
import { SocketConnection, type SocketServices } from './socket-connection.ts';

/** Beyond, the connection is closed (1009); up to here, what is too large is answered and the connection lives. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;

class ClientSocket extends WebSocket {
  connection: SocketConnection | null = null;
}

interface Upgrade {
  readonly stream: Duplex;
  readonly head: Buffer;
}

export interface WebSocketUpgrades {
  /** Whether the client asks for a WebSocket, and may have one if the route says so. */
  isUpgrade(request: FastifyRequest): boolean;
  /** Turns the connection of a request into a WebSocket. The reply is not answered otherwise. */
  accept(request: FastifyRequest, reply: FastifyReply, record: Connection, caller: Caller): void;
}

/**
 * WebSockets by way of the routes: who may not have one is answered as over HTTP, by the same hooks. What Fastify and Node
 * hold for a request is let go once it is a WebSocket (docs/decisions/0020-…).
 */
export function registerWebSockets(app: FastifyInstance, services: SocketServices): WebSocketUpgrades {
  const upgrades = new WeakMap<IncomingMessage, Upgrade>();
  const { live } = services;
  // Its types lack `closeTimeout`.
  const options: ServerOptions<typeof ClientSocket> & { readonly closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // A pong counts as a message, and is not sent to who takes nothing.
    autoPong: false,
    maxPayload: MAX_PAYLOAD_BYTES,
    closeTimeout: live.limits.closeMs,
    // None is spoken.
    handleProtocols: () => false,
    WebSocket: ClientSocket,
  };
  const server = new WebSocketServer(options);
  server.on('wsClientError', (error: Error, stream: Duplex) => {
    answerClientError(error, stream);
  });

  app.server.on('upgrade', (raw: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Node listens no more, and a reset would end the process.
    stream.on('error', destroyStream);
    upgrades.set(raw, { stream, head });
    const response = new ServerResponse(raw);
    response.shouldKeepAlive = false;
    response.assignSocket(raw.socket);
    response.once('finish', endStream);
    app.routing(raw, response);
  });

  return {
    isUpgrade: ({ raw }) => upgrades.has(raw),

    accept(request, reply, record, caller) {
      const { raw } = request;
      const upgrade = upgrades.get(raw);
      if (upgrade === undefined) throw new Error('This request is no handshake.');
      upgrades.delete(raw);
      const { stream, head } = upgrade;
      const response = reply.hijack().raw;
      response.off('finish', endStream);
      response.detachSocket(raw.socket);
      stream.off('error', destroyStream);
      let isOpen = false;
      server.handleUpgrade(raw, stream, head, (socket) => {
        isOpen = true;
        open(services, socket, stream, record, caller);
      });
      // The client has gone while it was looked up.
      if (!isOpen) live.records.close(record);
      response.statusCode = isOpen ? 101 : 400;
      // For those who wait for the end of the answer, to write it into the log.
      response.emit('finish');
    },
  };
}

function open(
  services: SocketServices,
  socket: ClientSocket,
  stream: Duplex,
  record: Connection,
  caller: Caller,
): void {
  const connection = new SocketConnection(services, socket, stream, record, caller);
  socket.connection = connection;
  socket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('error', onError);
  socket.on('close', () => {
    connection.release('client');
    services.live.remove(connection, connection.closeReason ?? 'client');
  });
  services.live.add(connection);
}

// One function each for all connections.

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  (this as ClientSocket).connection?.receive(data as Buffer, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
  (this as ClientSocket).connection?.receivePing(data);
}

function onPong(this: WebSocket): void {
  (this as ClientSocket).connection?.receivePong();
}

/** What breaks the protocol: `ws` closes the connection with the code that it has for that. */
function onError(this: WebSocket): void {
  (this as ClientSocket).connection?.release('failure');
}

function destroyStream(this: Duplex): void {
  this.destroy();
}

function endStream(this: ServerResponse): void {
  this.socket?.destroySoon();
}
