import type { FastifyInstance, FastifyRequest } from 'fastify';
import './route-config.ts';
import { DEFAULT_STALL_MS } from './write-body.ts';

/** How long a client may keep the server waiting. */
export interface RequestTimes {
  /** Within which the head of a request has come. */
  readonly headMs: number;
  /** Within which a body has come, from its first byte to its last; uploads take as long as they take. */
  readonly bodyMs: number;
  /** Within each such time an upload brings at least 1 KiB a second; one that brings less is cut off. */
  readonly uploadMs: number;
  /** A listener that takes nothing for so long is cut off (`DEFAULT_STALL_MS`). */
  readonly stallMs: number;
  /** A connection on which nothing moves in either direction for so long is cut. */
  readonly idleMs: number;
}

const MIN_UPLOAD_BYTES_PER_MS = 1.024;

/** Idle: longer than anything that an answer waits for. */
export const DEFAULT_REQUEST_TIMES: RequestTimes = {
  headMs: 60_000,
  bodyMs: 60_000,
  uploadMs: 60_000,
  stallMs: DEFAULT_STALL_MS,
  idleMs: 300_000,
};

/** Cuts clients off that send their body a few bytes at a time: each would hold a connection as long as it likes. */
export function cutSlowBodies(app: FastifyInstance, { bodyMs, uploadMs }: RequestTimes): void {
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    const body = request.raw;
    if (announcesBody(request) && !body.complete && !body.destroyed) watchBody(request);
    done();
  });

  function watchBody(request: FastifyRequest): void {
    const body = request.raw;
    const isUpload =
      request.routeOptions.config.upload === true ||
      request.headers['content-type']?.startsWith('multipart/') === true;
    const timer = isUpload ? cutBelowRate(request, uploadMs) : setTimeout(() => body.destroy(), bodyMs);
    timer.unref();
    for (const event of ['end', 'close'] as const) body.once(event, () => clearTimeout(timer));
  }
}

/** RFC 9112, 6.3: without either, a request has none. */
const announcesBody = ({ headers }: FastifyRequest): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

function cutBelowRate({ raw: body }: FastifyRequest, windowMs: number): NodeJS.Timeout {
  const { socket } = body;
  let seenBytes = socket.bytesRead;
  return setInterval(() => {
    const cameBytes = socket.bytesRead - seenBytes;
    seenBytes = socket.bytesRead;
    if (cameBytes < windowMs * MIN_UPLOAD_BYTES_PER_MS) body.destroy();
  }, windowMs);
}
