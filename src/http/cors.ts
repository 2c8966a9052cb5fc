import cors, { type FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { pathPattern } from './known-paths.ts';
import './route-config.ts';

const EXPOSED = ['Content-Range', 'Content-Length', 'Accept-Ranges', 'ETag'];
const MAX_AGE_S = 3600;

const CLOSED: FastifyCorsOptions = { origin: false };
const PLAYBACK: FastifyCorsOptions = {
  origin: '*',
  methods: ['GET', 'HEAD'],
  allowedHeaders: ['Range', 'If-Range'],
  exposedHeaders: EXPOSED,
  maxAge: MAX_AGE_S,
  strictPreflight: false,
};

/**
 * Playback routes are open to pages from anywhere, for GET and HEAD, without credentials; all else to the origins that
 * the operator names, with the user's cookie. Runs before authentication, so that errors can be read by the page too.
 */
export async function registerCors(app: FastifyInstance, corsOrigins: readonly string[]): Promise<void> {
  const playbackPaths: RegExp[] = [];
  // `/api/audio/list` looks like a file, but is none.
  const otherPaths = new Set<string>();
  app.addHook('onRoute', ({ config, url }) => {
    if (config?.playback === true) playbackPaths.push(pathPattern(url));
    else otherPaths.add(url);
  });
  const playsAt = (path: string): boolean =>
    !otherPaths.has(path) && playbackPaths.some((each) => each.test(path));
  const named: FastifyCorsOptions = {
    origin: [...corsOrigins],
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [...EXPOSED, 'Location', 'Retry-After', 'X-Request-Id', 'X-Seed'],
    maxAge: MAX_AGE_S,
    strictPreflight: false,
  };
  await app.register(cors, {
    delegator: (request: FastifyRequest, done) => {
      const { origin, 'access-control-request-method': asked } = request.headers;
      if (origin !== undefined && corsOrigins.includes(origin)) done(null, named);
      else if (request.method === 'OPTIONS') {
        // The route of a preflight is the one that catches all; what it is for is seen in its path.
        const path = request.url.split('?', 1)[0] ?? '';
        const plays = (asked === 'GET' || asked === 'HEAD') && playsAt(path);
        done(null, plays ? PLAYBACK : CLOSED);
      } else done(null, request.routeOptions.config.playback === true ? PLAYBACK : CLOSED);
    },
  });
}
