import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { resolveRange } from '../audio/byte-range.ts';
import { AppError, isAppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { evaluateConditions } from './conditional.ts';
import type { Validators } from './conditional.ts';
import { toHttpDate } from './http-date.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';

/** A representation of known length, any range of which can be read. */
export interface SendableBytes extends Validators {
  readonly totalBytes: number;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Sent with 200, 206 and 304. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Exactly the bytes of the range, or a throw; stops, and closes what it holds, when the signal is aborted. */
  open(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface SendOptions {
  /** A client that takes nothing for this long is cut off. */
  readonly stallMs?: number | undefined;
}

/**
 * What the system holds for a client, up to 4 MB, is not seen from here: it takes more only once a third of that has
 * gone, 1.7 MB by measurement on Linux. Whoever takes it at playing speed, 16 KB a second, needs 107 s for that, and
 * who takes half as much three and a half minutes.
 */
export const DEFAULT_STALL_MS = 300_000;

/**
 * Answers GET and HEAD with 200, 206, 304 or 416; conditions and ranges as RFC 9110, 13 and 14. The first chunk is read
 * before the answer begins, so that what cannot be read is an error and not a body cut short.
 *
 * @throws precondition_failed; what `open` throws before its first chunk
 */
export async function sendBytes(
  request: FastifyRequest,
  reply: FastifyReply,
  source: SendableBytes,
  options: SendOptions = {},
): Promise<FastifyReply> {
  const { totalBytes } = source;
  const decision = evaluateConditions(request, source, Date.now());
  if (decision.kind === 'precondition_failed') {
    throw new AppError('precondition_failed', 'What is here is not what the request names.');
  }
  if (decision.kind === 'not_modified') {
    setHeaders(reply, source);
    return reply.code(304).send();
  }
  const resolved = resolveRange(decision.rangeApplies ? request.headers.range : undefined, totalBytes);
  if (resolved.kind === 'unsatisfiable') return refuseRange(request, reply, totalBytes);
  const range = resolved.kind === 'range' ? resolved.range : { start: 0, endExclusive: totalBytes };
  const lengthBytes = range.endExclusive - range.start;

  const isEmpty = request.method === 'HEAD' || lengthBytes === 0;
  const body = isEmpty ? null : await beginBody(reply, (signal) => source.open(range, signal));

  setHeaders(reply, source);
  void reply.code(resolved.kind === 'range' ? 206 : 200);
  void reply.headers({ 'content-type': source.contentType, 'content-length': String(lengthBytes) });
  if (resolved.kind === 'range') {
    void reply.header('content-range', `bytes ${range.start}-${range.endExclusive - 1}/${totalBytes}`);
  }
  if (body === null) return reply.send();
  return sendChunks(request, reply, exactly(lengthBytes, body.chunks), body.controller, options);
}

/** A representation that has no end, and so no length, no ranges and nothing to compare. */
export interface EndlessBytes {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Stops, and closes what it holds, when the signal is aborted. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Answers GET and HEAD with 200, whatever range is asked for. @throws what `open` throws before its first chunk */
export async function sendEndless(
  request: FastifyRequest,
  reply: FastifyReply,
  source: EndlessBytes,
  options: SendOptions = {},
): Promise<FastifyReply> {
  const body = request.method === 'HEAD' ? null : await beginBody(reply, (signal) => source.open(signal));
  void reply.headers({ ...source.headers, 'accept-ranges': 'none', 'cache-control': 'no-store' });
  void reply.code(200).header('content-type', source.contentType);
  if (body === null) return reply.send();
  return sendChunks(request, reply, body.chunks, body.controller, options);
}

/**
 * Sends chunks as they come, at the pace at which the client takes them. An error midway cuts the connection and is
 * logged: the body is never completed with other bytes. Reading stops at once when the client has gone.
 *
 * @param controller its signal is the source's; it is aborted when the connection closes, or the body ends
 */
function sendChunks(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  controller: AbortController,
  options: SendOptions = {},
): FastifyReply {
  const response = reply.raw;
  // Counts as progress whatever the socket takes, also a part of a chunk (net.Socket, 'timeout'). A reset, since the
  // system would go on offering what it still holds.
  response.setTimeout(options.stallMs ?? DEFAULT_STALL_MS, () => response.socket?.resetAndDestroy());

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      if (controller.signal.aborted || isAppError(error, 'aborted')) return void response.destroy();
      request.log.error({ err: error }, 'the body broke off');
      throw error;
    } finally {
      controller.abort();
    }
  }
  // One chunk is held for the listener, whatever its size: what is more waits in the source.
  return reply.send(Readable.from(body(), { objectMode: false, highWaterMark: 1 }));
}

function refuseRange(request: FastifyRequest, reply: FastifyReply, totalBytes: number): FastifyReply {
  const error = new AppError(
    'range_not_satisfiable',
    `There are ${totalBytes} bytes, and none in this range.`,
  );
  void reply.headers({ 'accept-ranges': 'bytes', 'content-range': `bytes */${totalBytes}` });
  void reply.code(416).header('cache-control', 'no-store').type(PROBLEM_CONTENT_TYPE);
  return reply.send(JSON.stringify(toProblem(error, request.id)));
}

function setHeaders(reply: FastifyReply, source: SendableBytes): void {
  void reply.headers({
    ...source.headers,
    'accept-ranges': 'bytes',
    'cache-control': source.cacheControl,
    etag: source.etag,
  });
  if (source.lastModifiedMs !== undefined)
    void reply.header('last-modified', toHttpDate(source.lastModifiedMs));
}

interface Body {
  /** Aborted when the connection closes. */
  readonly controller: AbortController;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Waits for the first chunk of a body. @throws what the source throws before it */
async function beginBody(
  reply: FastifyReply,
  open: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): Promise<Body> {
  const controller = new AbortController();
  const iterator = open(controller.signal)[Symbol.asyncIterator]();
  // Both: the signal ends a read that is under way, the return one that has paused.
  const stop = () => {
    controller.abort();
    iterator.return?.().catch((error: unknown) => reply.log.warn({ err: error }, 'a body did not close'));
  };
  if (reply.raw.destroyed) stop();
  else reply.raw.once('close', stop);
  const first = await iterator.next();
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let step = first; step.done !== true; step = await iterator.next()) yield step.value;
  }
  return { controller, chunks: chunks() };
}

/** @throws internal when the source gives another number of bytes: the announced length is a promise */
async function* exactly(lengthBytes: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let sentBytes = 0;
  for await (const chunk of chunks) {
    sentBytes += chunk.length;
    if (sentBytes > lengthBytes) throw wrongLength(lengthBytes);
    yield chunk;
  }
  if (sentBytes < lengthBytes) throw wrongLength(lengthBytes);
}

const wrongLength = (lengthBytes: number): AppError =>
  new AppError('internal', `The body does not have the ${lengthBytes} bytes that were announced.`);
