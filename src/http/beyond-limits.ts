import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import type { Lead } from '../services/lead-to-whole.ts';
import { namedEntityTags, type ConditionalRequest } from './conditional.ts';
import { PROBLEM_CONTENT_TYPE, problemHeaders, toProblem } from './problem.ts';

/** How a client comes to more bytes of a representation than one answer may have. */
export interface Beyond {
  readonly maxBytes: number;
  /** Where all of it is. */
  lead(): Promise<Lead>;
  /** What clients compare by that have read it there, with its quotes. */
  findTagElsewhere(): Promise<string | undefined>;
}

/** A range that fits, or an answer that says where to go, or when to come again. */
export type BeyondAnswer =
  | { readonly kind: 'range'; readonly range: ByteRange }
  | { readonly kind: 'elsewhere'; readonly send: () => FastifyReply };

/**
 * What to answer a GET for more bytes than one answer may have. A whole one, and a range to the end, are led to the
 * object that has all bytes: players take what they asked for, whatever its length, and not every one asks again where
 * a shorter range has ended. The media elements of browsers do, and would have to trust another origin midway: they get
 * what fits, as does whoever asks for a range of what is still being made (RFC 9110, 15.3.7).
 *
 * @param range null for all of it
 */
export async function goBeyond(
  request: FastifyRequest,
  reply: FastifyReply,
  range: ByteRange | null,
  beyond: Beyond,
): Promise<BeyondAnswer> {
  const fitting = range && { start: range.start, endExclusive: range.start + beyond.maxBytes };
  if (fitting !== null && isMediaElement(request)) return { kind: 'range', range: fitting };
  const found = await beyond.lead();
  if (found.kind === 'made') {
    return {
      kind: 'elsewhere',
      // For this listener alone, and not for as long as a cache might keep it.
      send: () => reply.header('cache-control', 'private, no-store').redirect(found.url, 307),
    };
  }
  if (fitting !== null) return { kind: 'range', range: fitting };
  return { kind: 'elsewhere', send: () => refuseForNow(request, reply, found.retryAfterS) };
}

/** Fetch metadata: browsers say what they fetch for. */
const isMediaElement = ({ headers }: FastifyRequest): boolean =>
  headers['sec-fetch-dest'] === 'audio' || headers['sec-fetch-dest'] === 'video';

function refuseForNow(request: FastifyRequest, reply: FastifyReply, retryAfterS: number): FastifyReply {
  const error = new AppError('not_ready', 'This is longer than one answer may be, and is being made ready.', {
    details: { retry_after_s: retryAfterS },
  });
  void reply.removeHeader('etag').removeHeader('last-modified').headers(problemHeaders(error));
  // Players and downloads come again after 503, as they do not after 409.
  void reply.code(503).header('cache-control', 'no-store').type(PROBLEM_CONTENT_TYPE);
  return reply.send(JSON.stringify(toProblem(error, request.id, 503)));
}

/** The conditions of the request, with the store's entity tag of the same bytes read as ours. */
export async function withKnownTags(
  request: FastifyRequest,
  { etag, totalBytes }: { readonly etag: string; readonly totalBytes: number },
  beyond: Beyond,
): Promise<ConditionalRequest> {
  const { method, headers } = request;
  const named = namedEntityTags(request);
  if (totalBytes <= beyond.maxBytes || named.length === 0 || named.includes(etag.slice(1, -1)))
    return request;
  const elsewhere = await beyond.findTagElsewhere();
  if (elsewhere === undefined || !named.includes(elsewhere.slice(1, -1))) return request;
  const read = { ...headers };
  for (const name of ['if-match', 'if-none-match', 'if-range'] as const) {
    const value = read[name];
    if (typeof value === 'string') read[name] = value.replaceAll(elsewhere, etag);
  }
  return { method, headers: read };
}
