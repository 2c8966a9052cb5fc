import type { FastifyRequest } from 'fastify';
import type { Policy } from '../services/ports.ts';

/**
 * Whether caches that many share may keep an answer (RFC 9111, 5.2.2): where the URL alone decides who may hear it, and
 * what. A link's token stands in it; what is sent beside it, a cache does not see.
 *
 * @param isOfListener whether the answer is another for each listener whom the URL does not name
 */
export function cacheScope(
  request: FastifyRequest,
  policy: Pick<Policy, 'auth' | 'playback'>,
  isOfListener: boolean,
): 'public' | 'private' {
  if (request.headers.authorization !== undefined) return 'private';
  if (carriesLink(request)) return 'public';
  if (isOfListener) return 'private';
  if (policy.auth === 'off') return 'public';
  return policy.playback === 'public' && request.caller === null ? 'public' : 'private';
}

/** Whether the caller is the bearer of a link whose token stands in the URL. */
export const carriesLink = (request: FastifyRequest): boolean =>
  request.headers.authorization === undefined && request.caller?.link !== undefined;

/** The token of the URL, to be carried into others; never a session, an API key, or what was not looked at. */
export function linkTokenOf(request: FastifyRequest): string | undefined {
  const { token } = request.query as { token?: string };
  return carriesLink(request) ? token : undefined;
}
