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
  /** Told of each chunk that goes out. */
  readonly onBytes?: ((sizeBytes: number) => void) | undefined;
}

const STALL_MS = 60_000;

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

  const body = request.method === 'HEAD' || lengthBytes === 0 ? null : openBody(reply, source, range);
  const first = await body?.start();

  setHeaders(reply, source);
  void reply.code(resolved.kind === 'range' ? 206 : 200);
  void reply.headers({ 'content-type': source.contentType, 'content-length': String(lengthBytes) });
  if (resolved.kind === 'range') {
    void reply.header('content-range', `bytes ${range.start}-${range.endExclusive - 1}/${totalBytes}`);
  }
  if (body === null || first === undefined) return reply.send();
  return sendChunks(request, reply, exactly(lengthBytes, body.rest(first)), body.controller, options);
}

/**
 * Sends chunks as they come, at the pace at which the client takes them. An error midway cuts the connection and is
 * logged: the body is never completed with other bytes. Reading stops at once when the client has gone.
 *
 * @param controller its signal is the source's; it is aborted when the connection closes
 */
export function sendChunks(
  request: FastifyRequest,
  reply: FastifyReply,
  chunks: AsyncIterable<Uint8Array>,
  controller: AbortController,
  options: SendOptions = {},
): FastifyReply {
  const response = reply.raw;
  response.once('close', () => controller.abort());
  // Counts as progress whatever the socket takes, also a part of a chunk (net.Socket, 'timeout').
  response.setTimeout(options.stallMs ?? STALL_MS, () => response.destroy());

  async function* body(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunks) {
        options.onBytes?.(chunk.length);
        yield chunk;
      }
    } catch (error) {
      if (controller.signal.aborted || isAppError(error, 'aborted')) return void response.destroy();
      request.log.error({ err: error }, 'the body broke off');
      throw error;
    } finally {
      controller.abort();
    }
  }
  return reply.send(Readable.from(body(), { objectMode: false }));
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

/** A body whose first chunk can be waited for before anything is answered. */
function openBody(reply: FastifyReply, source: SendableBytes, range: ByteRange) {
  const controller = new AbortController();
  const stop = () => controller.abort();
  reply.raw.once('close', stop);
  const iterator = source.open(range, controller.signal)[Symbol.asyncIterator]();
  return {
    controller,
    start: () => iterator.next(),
    async *rest(first: IteratorResult<Uint8Array>): AsyncGenerator<Uint8Array> {
      try {
        for (let step = first; step.done !== true; step = await iterator.next()) yield step.value;
      } finally {
        reply.raw.off('close', stop);
        await iterator.return?.();
      }
    },
  };
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
