import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/app-error.ts';
import { evaluateConditions } from './conditional.ts';

export interface SendableText {
  readonly text: string;
  /** With its charset, where it needs one. */
  readonly contentType: string;
  readonly cacheControl: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const ETAG_BYTES = 16;

/** Answers GET and HEAD with a text and an `ETag` of its content, or 304. @throws precondition_failed */
export async function sendText(
  request: FastifyRequest,
  reply: FastifyReply,
  { text, contentType, cacheControl, headers = {} }: SendableText,
): Promise<FastifyReply> {
  const hash = createHash('sha256').update(text).digest().subarray(0, ETAG_BYTES);
  const etag = `"${hash.toString('base64url')}"`;
  const { kind } = evaluateConditions(request, { etag }, Date.now());
  if (kind === 'precondition_failed') {
    throw new AppError('precondition_failed', 'What is here is not what the request names.');
  }
  void reply.headers({ ...headers, etag, 'cache-control': cacheControl });
  if (kind === 'not_modified') return reply.code(304).send();
  return reply.type(contentType).send(text);
}
