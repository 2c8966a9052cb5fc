import type { FastifyReply, FastifyRequest } from 'fastify';
import { resolveRange } from '../audio/byte-range.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { goBeyond, withKnownTags, type Beyond } from './beyond-limits.ts';
import { evaluateConditions } from './conditional.ts';
import type { Validators } from './conditional.ts';
import { toHttpDate } from './http-date.ts';
import { PROBLEM_CONTENT_TYPE, toProblem } from './problem.ts';
import { beginBody, writeBody } from './write-body.ts';
import type { BodySource, SendOptions } from './write-body.ts';

/** A representation of known length, any range of which can be read. */
export interface SendableBytes extends Validators {
  readonly totalBytes: number;
  readonly contentType: string;
  readonly cacheControl: string;
  /** Sent with 200, 206 and 304. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Exactly the bytes of the range, or a throw; stops, and closes what it holds, when the signal is aborted. */
  open(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What of these bytes is in memory, from the first on as far as that goes; `enoughBytes` are enough. */
  findHeld?: ((range: ByteRange, enoughBytes: number) => Uint8Array[]) | undefined;
  /** Told of each chunk that has gone out and will not be looked at again. */
  giveBack?: ((chunk: Uint8Array) => void) | undefined;
  /** Where the platform bounds an answer: where a client finds more than that. */
  readonly beyond?: Beyond | undefined;
}

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
  const { totalBytes, beyond } = source;
  const asked = beyond === undefined ? request : await withKnownTags(request, source, beyond);
  const decision = evaluateConditions(asked, source, Date.now());
  if (decision.kind === 'precondition_failed') {
    throw new AppError('precondition_failed', 'What is here is not what the request names.');
  }
  if (decision.kind === 'not_modified') {
    setHeaders(reply, source);
    return reply.code(304).send();
  }
  const resolved = resolveRange(decision.rangeApplies ? request.headers.range : undefined, totalBytes);
  if (resolved.kind === 'unsatisfiable') return refuseRange(request, reply, totalBytes);
  let range = resolved.kind === 'range' ? resolved.range : { start: 0, endExclusive: totalBytes };
  if (beyond !== undefined && request.method === 'GET' && lengthOf(range) > beyond.maxBytes) {
    const answer = await goBeyond(request, reply, resolved.kind === 'range' ? range : null, beyond);
    if (answer.kind === 'elsewhere') {
      setHeaders(reply, source);
      return answer.send();
    }
    range = answer.range;
  }
  const lengthBytes = lengthOf(range);

  const isEmpty = request.method === 'HEAD' || lengthBytes === 0;
  const body = isEmpty ? null : await beginBody(reply, bodyOf(source, range));

  setHeaders(reply, source);
  void reply.code(resolved.kind === 'range' ? 206 : 200);
  void reply.headers({ 'content-type': source.contentType, 'content-length': String(lengthBytes) });
  if (resolved.kind === 'range') {
    void reply.header('content-range', `bytes ${range.start}-${range.endExclusive - 1}/${totalBytes}`);
  }
  if (body === null) return reply.send();
  return writeBody(request, reply, body, lengthBytes, options);
}

const lengthOf = ({ start, endExclusive }: ByteRange): number => endExclusive - start;

function bodyOf(source: SendableBytes, { start, endExclusive }: ByteRange): BodySource {
  const from = (byte: number): ByteRange => ({ start: start + byte, endExclusive });
  const { findHeld } = source;
  return {
    open: (signal, fromByte) => source.open(from(fromByte), signal),
    findHeld: findHeld && ((fromByte, enoughBytes) => findHeld(from(fromByte), enoughBytes)),
    giveBack: source.giveBack,
  };
}

/** A representation that has no end, and so no length, no ranges and nothing to compare. */
export interface EndlessBytes {
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it ends all the same, where the platform bounds an answer. */
  readonly mayEnd?: boolean | undefined;
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
  const body = request.method === 'HEAD' ? null : await beginBody(reply, source);
  void reply.headers({ ...source.headers, 'accept-ranges': 'none', 'cache-control': 'no-store' });
  void reply.code(200).header('content-type', source.contentType);
  if (body === null) return reply.send();
  return writeBody(request, reply, body, undefined, options);
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
