import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
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
export async function registerSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
    global: false,
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
    crossOriginResourcePolicy: false,
    strictTransportSecurity: false,
  });
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.playback === true) {
      reply.headers(PLAYBACK_HEADERS);
    } else {
      reply.helmet();
      reply.header('cross-origin-resource-policy', 'same-origin');
    }
    done();
  });
}
