import type { FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../domain/app-error.ts';

export interface OwnOrigins {
  /** The address that users see, when it was configured. */
  readonly publicOrigin: string | null;
  /** Pages of these origins may call with the user's cookie. */
  readonly corsOrigins: readonly string[];
}

const SAME_SITE_FETCH: ReadonlySet<string> = new Set(['same-origin', 'none']);

/**
 * For a write or a WebSocket that a cookie authenticates: the browser must say that a page of ours asked for it. `SameSite=Lax` alone
 * lets other ports and subdomains through.
 * @throws forbidden
 */
export const checkSameOrigin = (request: FastifyRequest, origins: OwnOrigins): void =>
  checkOriginHeaders(request.headers, requestOrigin(request), origins);

/** The same of what came to `ownOrigin`. */
export function checkOriginHeaders(
  headers: IncomingHttpHeaders,
  ownOrigin: string,
  origins: OwnOrigins,
): void {
  const { origin, 'sec-fetch-site': site } = headers;
  if (origin !== undefined && isOwn(origin, ownOrigin, origins)) return;
  if (origin === undefined && typeof site === 'string' && SAME_SITE_FETCH.has(site)) return;
  throw new AppError(
    'forbidden',
    'A write or a WebSocket with the session cookie needs an Origin or Sec-Fetch-Site header that names this server.',
  );
}

/**
 * For `AUTH=off`, where reaching the server is all it takes: the address must be a loopback one (else a foreign name
 * that resolves to 127.0.0.1 would do: DNS rebinding), and no other web page may be behind it. Links from elsewhere
 * that a person follows are fine, and so is playing.
 * @throws forbidden
 */
export function checkLoopbackRequest(request: FastifyRequest, origins: OwnOrigins, playback: boolean): void {
  if (!isLoopbackHost(request.headers.host)) {
    throw new AppError('forbidden', 'Without authentication this server answers to localhost only.');
  }
  if (playback && (request.method === 'GET' || request.method === 'HEAD')) return;
  const origin = request.headers.origin;
  if (origin !== undefined) {
    if (isOwn(origin, requestOrigin(request), origins) || isPreflight(request)) return;
    throw new AppError('forbidden', 'Without authentication this server answers to its own pages only.');
  }
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || SAME_SITE_FETCH.has(String(site)) || isNavigation(request)) return;
  throw new AppError('forbidden', 'Without authentication this server answers to its own pages only.');
}

/**
 * RFC 9112, 3.2: a second Host is an error. Node takes the first, and whoever stands before this server may have gone by
 * the other.
 * @throws invalid_input
 */
export function checkOneHost({ raw: { rawHeaders } }: FastifyRequest): void {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts > 1) throw new AppError('invalid_input', 'A request has one Host header.');
}

/** The origin that this request was sent to, as far as the proxies that are believed tell. */
export const requestOrigin = (request: FastifyRequest): string => `${request.protocol}://${request.host}`;

function isOwn(origin: string, ownOrigin: string, origins: OwnOrigins): boolean {
  return origin === ownOrigin || origin === origins.publicOrigin || origins.corsOrigins.includes(origin);
}

function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i.test(host);
}

// A preflight does nothing; what it asks for is refused by its answer, which lacks the headers of CORS.
function isPreflight(request: FastifyRequest): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

function isNavigation(request: FastifyRequest): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = request.headers;
  return request.method === 'GET' && mode === 'navigate' && destination === 'document';
}
