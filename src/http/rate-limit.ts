import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../domain/app-error.ts';
import './route-config.ts';

export interface RateLimits {
  /** Of one address, over all routes but playback. */
  readonly requestsPerMinute: number;
  /** Attempts to log in, of one address, and for one user name from all addresses together. */
  readonly loginsPerMinute: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = { requestsPerMinute: 3000, loginsPerMinute: 20 };

/** Addresses and names that are counted at a time; the least recently seen give way. */
const MAX_COUNTED = 10_000;

/** Counts in memory, per process; a player that asks for many ranges is no flood. */
export async function registerRateLimit(app: FastifyInstance, limits: RateLimits): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    // Whoever has gone already has no address to count by, and takes no answer.
    const { socket } = request.raw;
    if (socket.remoteAddress === undefined) {
      reply.hijack();
      socket.destroy();
    } else done();
  });
  app.addHook('onRoute', ({ config }) => {
    if (config?.playback === true) config.rateLimit = false;
  });
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    cache: MAX_COUNTED,
    errorResponseBuilder: (_request, { ttl }) => rateLimited(ttl),
  });
}

export function rateLimited(retryInMs: number): AppError {
  const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
  return new AppError('rate_limited', `Too many requests; try again in ${seconds} s.`, {
    details: { retry_after_s: seconds },
  });
}
