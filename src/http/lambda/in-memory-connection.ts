import type { Server } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';

/** What Node's HTTP server and Fastify ask of a socket beside its bytes. */
interface ConnectionTraits {
  readonly remoteAddress: string;
  /** The client came by TLS, which ended before this process. */
  readonly encrypted: true;
  setTimeout(): ServerEnd;
  resetAndDestroy(): ServerEnd;
}

type ServerEnd = Duplex & ConnectionTraits;

/**
 * A connection to the server that never leaves the process: no port, no system call, nothing to keep alive, and bytes
 * wait for whoever reads them as on a socket (node:http, 'connection': any duplex stream may be injected).
 *
 * It has no time-outs of its own: who opens it ends it in time.
 * @param remoteAddress the client's
 * @returns the client's end; when either end is destroyed, the other is too
 */
export function connectInMemory(server: Server, remoteAddress: string): Duplex {
  const [client, plain] = duplexPair();
  const end: ServerEnd = Object.assign<Duplex, ConnectionTraits>(plain, {
    remoteAddress,
    encrypted: true,
    setTimeout: () => end,
    resetAndDestroy: () => end.destroy(),
  });
  client.once('close', () => end.destroy());
  end.once('close', () => client.destroy());
  // Whoever destroys one end with an error has its own way to tell; here it would only be unhandled.
  end.on('error', () => undefined);
  server.emit('connection', end);
  return client;
}
