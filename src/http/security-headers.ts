import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import './route-config.ts';

/** Of audio, and of what is answered in its place: no page, which most of helmet's headers are about. */
const PLAYBACK_HEADERS = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * No HSTS and no upgrade to https: at home there is none, and where there is, the proxy that brings it decides.
 * Everything that a page of ours needs comes from here, so that it works offline.
 */
const setPageHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
      imgSrc: ["'self'", 'data:', 'blob:'],
      mediaSrc: ["'self'", 'blob:'],
      objectSrc: ["'none'"],
      // The page of the API sets styles on its elements.
      styleSrc: ["'self'", "'unsafe-inline'"],
    },
  },
  crossOriginResourcePolicy: { policy: 'same-origin' },
  strictTransportSecurity: false,
});

/** They are the same for every answer; to have them made for each takes longer than all else that a small one needs. */
export async function registerSecurityHeaders(app: FastifyInstance): Promise<void> {
  const pageHeaders = await recordHeaders();
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(request.routeOptions.config.playback === true ? PLAYBACK_HEADERS : pageHeaders);
    done();
  });
}

function recordHeaders(): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  const response = {
    setHeader: (name: string, value: string) => {
      headers[name.toLowerCase()] = value;
    },
    removeHeader: () => undefined,
  };
  return new Promise((resolve, reject) => {
    setPageHeaders({} as IncomingMessage, response as unknown as ServerResponse, (error?: unknown) => {
      if (error === undefined) resolve(headers);
      else reject(new Error('There are no headers for pages.', { cause: error }));
    });
  });
}
