import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { isStreamName } from '../domain/stream.ts';
import { DEFAULT_TENANT } from '../domain/tenant.ts';
import { authenticateLink, authenticateToken, LOCAL_CALLER } from '../services/authenticate.ts';
import type { Ports } from '../services/ports.ts';
import { redeemWsTicket } from '../services/ws-ticket.ts';
import { discardBody } from './discard-body.ts';
import { isWebSocketHandshake } from './live/web-socket-handshake.ts';
import {
  checkLoopbackRequest,
  checkOneHost,
  checkOriginHeaders,
  checkSameOrigin,
  type OwnOrigins,
} from './origin-check.ts';
import './route-config.ts';

export const SESSION_COOKIE = 'session';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

type AuthenticationPorts = Pick<
  Ports,
  'policy' | 'sessions' | 'apiKeys' | 'users' | 'links' | 'secret' | 'clock' | 'idempotency' | 'expectStream'
>;

/**
 * Sets `request.caller`. Of several credentials the first counts: `Authorization`, then `?token=` (playback routes
 * only) or `?ticket=` (WebSockets only), then the cookie.
 *
 * A bearer or token that is not valid is answered 401 instead of being taken for nobody, except where nobody is let in
 * anyway (PLAYBACK=public). A stale cookie is taken for nobody: browsers send it without being asked.
 */
export function registerAuthentication(
  app: FastifyInstance,
  ports: AuthenticationPorts,
  origins: OwnOrigins,
): void {
  app.decorateRequest('caller', null);
  // After the limit of requests, so that guesses at tokens count, and before any body is read.
  app.addHook('preParsing', (request, _reply, _payload, done) => {
    const { anonymous = false, playback = false } = request.routeOptions.config;
    checkOneHost(request);
    if (ports.policy.auth === 'off') {
      checkLoopbackRequest(request, origins, playback);
      request.caller = LOCAL_CALLER;
      done();
    } else if (anonymous || request.is404) done();
    else {
      identify(request, ports, origins, playback).then(
        () => done(),
        (error: unknown) => done(error as Error),
      );
    }
  });
}

async function identify(
  request: FastifyRequest,
  ports: AuthenticationPorts,
  origins: OwnOrigins,
  playback: boolean,
): Promise<void> {
  try {
    ports.expectStream?.(streamOf(request, playback));
    request.caller = await findCaller(request, ports, origins, playback);
    if (request.caller === null) checkNobody(request, ports.policy);
  } catch (error) {
    discardBody(request);
    throw error;
  }
}

/** Of a request that plays a stream: its definition may be read beside who asks. */
function streamOf({ params }: FastifyRequest, playback: boolean) {
  const { name } = params as { name?: unknown };
  return playback && typeof name === 'string' && isStreamName(name)
    ? { tenantId: DEFAULT_TENANT, name }
    : null;
}

async function findCaller(
  request: FastifyRequest,
  ports: AuthenticationPorts,
  origins: OwnOrigins,
  playback: boolean,
): Promise<Caller | null> {
  const lenient = playback && ports.policy.playback === 'public';
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const caller = await findBearer(ports, authorization);
    if (caller === null && !lenient) throw refused('This session or API key is not valid.');
    return caller;
  }
  const token = playback ? queryValue(request, 'token') : undefined;
  if (token !== undefined) {
    const caller = await authenticateLink(ports, token);
    if (caller === null && !lenient) throw refused('This playback link is not valid any more.');
    return caller;
  }
  const { webSocket = false } = request.routeOptions.config;
  const ticket = webSocket && isWebSocketHandshake(request.raw) ? queryValue(request, 'ticket') : undefined;
  if (ticket !== undefined) return redeemWsTicket(ports, ticket);
  const cookie = request.cookies[SESSION_COOKIE];
  if (cookie === undefined) return null;
  const caller = await authenticateToken(ports, cookie);
  // A page of another site may open a WebSocket with the user's cookie, and read what comes.
  if (caller !== null && (webSocket || !SAFE_METHODS.has(request.method))) checkSameOrigin(request, origins);
  return caller;
}

async function findBearer(ports: AuthenticationPorts, authorization: string): Promise<Caller | null> {
  const bearer = /^Bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  return bearer === undefined ? null : authenticateToken(ports, bearer);
}

/** A WebSocket that a gateway asks for in the name of a client. */
export interface Handshake {
  readonly headers: IncomingHttpHeaders;
  /** Of the session. */
  readonly cookie: string | undefined;
  readonly ticket: string | undefined;
  /** Where the client went. */
  readonly ownOrigin: string;
}

/** Who asks for a WebSocket, by the rules of {@link registerAuthentication}. @throws unauthorized, forbidden */
export async function findHandshakeCaller(
  ports: AuthenticationPorts,
  { headers, cookie, ticket, ownOrigin }: Handshake,
  origins: OwnOrigins,
): Promise<Caller | null> {
  if (headers.authorization !== undefined) {
    const caller = await findBearer(ports, headers.authorization);
    if (caller === null) throw refused('This session or API key is not valid.');
    return caller;
  }
  if (ticket !== undefined && ticket !== '') return redeemWsTicket(ports, ticket);
  const caller = cookie === undefined ? null : await authenticateToken(ports, cookie);
  if (caller !== null) checkOriginHeaders(headers, ownOrigin, origins);
  return caller;
}

/**
 * What a stranger sends is not looked at: what is wrong with it is told to who may call. What callers may do is
 * the use cases' matter.
 * @throws unauthorized
 */
function checkNobody({ routeOptions }: FastifyRequest, policy: AuthenticationPorts['policy']): void {
  const { playback = false, optionalCaller = false } = routeOptions.config;
  if (optionalCaller || (playback && policy.playback === 'public')) return;
  if (playback) throw refused('This needs a playback link, a login or an API key.');
  if (routeOptions.url?.startsWith('/api/') === true) throw refused('Log in, or send an API key.');
}

function queryValue(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const refused = (message: string): AppError => new AppError('unauthorized', message);
