import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from 'vitest';
import type { ByteRange } from '../src/domain/object-store.ts';
import { registerErrorHandling } from '../src/http/error-handler.ts';
import { sendBytes, type SendableBytes } from '../src/http/send-bytes.ts';

export const LENGTH = 100_000;
export const BYTES = Uint8Array.from({ length: LENGTH }, (_, at) => (at * 7 + (at >> 8)) & 0xff);
export const CHUNK = 8192;

export async function* read({ start, endExclusive }: ByteRange): AsyncGenerator<Uint8Array> {
  for (let at = start; at < endExclusive; at += CHUNK)
    yield BYTES.subarray(at, Math.min(at + CHUNK, endExclusive));
}

export const SOURCE: SendableBytes = {
  etag: '"v1"',
  lastModifiedMs: Date.UTC(2026, 10, 21, 8),
  totalBytes: LENGTH,
  contentType: 'audio/mpeg',
  cacheControl: 'private, no-cache',
  headers: { 'x-stream-name': 's' },
  open: read,
};

/** A server that sends `source`, on a port of its own for each test. */
export interface BytesApp {
  source: SendableBytes;
  stallMs: number | undefined;
  readonly port: number;
}

export function useBytesApp(): BytesApp {
  let app: FastifyInstance;
  const used = { source: SOURCE, stallMs: undefined as number | undefined, port: 0 };

  beforeEach(async () => {
    used.source = SOURCE;
    used.stallMs = undefined;
    app = fastify();
    registerErrorHandling(app);
    app.route({
      method: ['GET', 'HEAD'],
      url: '/',
      handler: (request, reply) => sendBytes(request, reply, used.source, { stallMs: used.stallMs }),
    });
    await app.listen({ host: '127.0.0.1', port: 0 });
    used.port = (app.server.address() as AddressInfo).port;
  });
  afterEach(async () => {
    app.server.closeAllConnections();
    await app.close();
  });
  return used;
}

/** The head of an answer, whose body is the asker's to read. */
export async function get(port: number): Promise<IncomingMessage> {
  const [answer] = (await once(request({ host: '127.0.0.1', port, path: '/' }).end(), 'response')) as [
    IncomingMessage,
  ];
  return answer;
}
