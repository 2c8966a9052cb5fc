import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import './route-config.ts';

/**
 * No HSTS and no upgrade to https: at home there is none, and where there is, the proxy that brings it decides.
 * Everything that a page of ours needs comes from here, so that it works offline.
 */
export async function registerSecurityHeaders(app: FastifyInstance): Promise<void> {
  await app.register(helmet, {
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
  app.addHook('onRequest', async (request, reply) => {
    const playback = request.routeOptions.config.playback === true;
    reply.header('cross-origin-resource-policy', playback ? 'cross-origin' : 'same-origin');
  });
}
