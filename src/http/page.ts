import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import './route-config.ts';

export interface PageOptions {
  /** Where the built page is; null or without an `index.html`: there is none. */
  readonly directory: string | null;
  /** Other origins that it may speak to and play from: a gateway's WebSockets, the bucket, a CDN. */
  readonly otherOrigins: readonly string[];
}

/** What the page shows at addresses of its own; each is the same document, which looks at the address itself. */
const VIEWS = [
  '/',
  '/login',
  '/library',
  '/library/:filename',
  '/streams',
  '/streams/:name',
  '/work',
  '/settings',
  '/settings/:section',
  '/listen/:token',
];

/** The names of built files carry a hash of what is in them. */
const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_FIRST = 'no-cache';

/** Compressed or not. */
const DOCUMENT = /[/\\]index\.html(?:\.(?:br|gz))?$/;

/** Serves the page at `/`. @returns whether there is one */
export async function registerPage(app: FastifyInstance, options: PageOptions): Promise<boolean> {
  const { directory } = options;
  if (directory === null || !existsSync(join(directory, 'index.html'))) return false;
  const pageHeaders = {
    'content-security-policy': contentSecurityPolicy(options.otherOrigins),
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };

  await app.register(async (page) => {
    page.addHook('onRoute', (route) => {
      route.config = { ...route.config, anonymous: true };
    });
    await page.register(fastifyStatic, {
      root: directory,
      // Each file is a route, and nothing else is one: there is no path to be escaped from.
      wildcard: false,
      index: false,
      preCompressed: true,
      cacheControl: false,
      setHeaders: (reply, path) => {
        reply.header('cache-control', path.includes('/assets/') ? FOR_EVER : ASK_FIRST);
        // At its own address too: the one that a device keeps, and opens offline with these headers.
        if (DOCUMENT.test(path)) reply.headers(pageHeaders);
      },
    });
    for (const url of VIEWS) {
      page.get(url, { schema: { hide: true } }, async (_request, reply) => reply.sendFile('index.html'));
    }
  });
  return true;
}

/** Nothing but what comes from here, no code in the document, no styles in it. */
function contentSecurityPolicy(otherOrigins: readonly string[]): string {
  const others = otherOrigins.map((origin) => ` ${origin}`).join('');
  return [
    "default-src 'none'",
    "base-uri 'none'",
    `connect-src 'self'${others}`,
    "font-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    `img-src 'self' data: blob:${others}`,
    "manifest-src 'self'",
    `media-src 'self' blob:${others}`,
    "script-src 'self'",
    "style-src 'self'",
    "worker-src 'self'",
  ].join('; ');
}
