import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { SCOPES } from '../../domain/credentials.ts';
import { usernameKey } from '../../domain/user.ts';
import { describeCaller } from '../../services/describe-caller.ts';
import { logOut } from '../../services/end-sessions.ts';
import { logIn } from '../../services/log-in.ts';
import type { Ports } from '../../services/ports.ts';
import { SESSION_COOKIE } from '../authentication.ts';
import { problems } from '../problem.ts';
import { rateLimited } from '../rate-limit.ts';
import { timeSchema, toWireTime } from '../schemas/paging.ts';
import { callerSchema, givenPassword, toWireCaller, usernameInput } from '../schemas/user.ts';

const loginAnswer = z
  .object({
    token: z.string().meta({ description: 'Also set as the cookie `session`.', examples: ['es_…'] }),
    user: callerSchema,
    expires_at: timeSchema,
  })
  .meta({
    id: 'Login',
    examples: [
      {
        token: 'es_…',
        user: { id: '1795249800000', username: 'ada', is_admin: false, tenant_id: 'default' },
        expires_at: '2026-12-21T08:30:00.000Z',
      },
    ],
  });

const sessionAnswer = z
  .object({
    user: callerSchema,
    scopes: z.array(z.enum(SCOPES)),
    kind: z.enum(['session', 'api_key', 'local']).meta({ description: '`local`: with AUTH=off.' }),
  })
  .meta({
    id: 'Session',
    examples: [
      {
        user: { id: '1795249800000', username: 'ada', is_admin: false, tenant_id: 'default' },
        scopes: ['play', 'read', 'write'],
        kind: 'session',
      },
    ],
  });

export interface SessionRouteOptions {
  readonly publicUrl: string | null;
  readonly loginsPerMinute: number;
}

/** `/api/user/login`, `/logout`, `/session` */
export const sessionRoutes =
  (ports: Ports, options: SessionRouteOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const perMinute = { max: options.loginsPerMinute, timeWindow: 60_000 };
    // Guesses for one name that come from many addresses.
    const countForName = app.createRateLimit({
      ...perMinute,
      keyGenerator: (request) => usernameKey((request.body as { username: string }).username),
    });
    const cookieOptions = (request: FastifyRequest) => ({
      path: '/',
      httpOnly: true,
      sameSite: 'lax' as const,
      secure: request.protocol === 'https' || options.publicUrl?.startsWith('https:') === true,
    });
    const clearCookie = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
      reply.clearCookie(SESSION_COOKIE, cookieOptions(request));

    app.route({
      method: 'POST',
      url: '/api/user/login',
      config: { anonymous: true, idempotency: 'off', rateLimit: perMinute },
      schema: {
        tags: ['account'],
        summary: 'Log in',
        description: 'Opens a session. Not idempotent: `Idempotency-Key` is ignored here.',
        body: z.strictObject({ username: usernameInput, password: givenPassword }),
        response: { 200: loginAnswer, ...problems('invalid_input', 'unauthorized') },
      },
      handler: async (request, reply) => {
        const counted = await countForName(request);
        if (!counted.isAllowed && counted.isExceeded) throw rateLimited(counted.ttl);
        const { token, session, user } = await logIn(ports, request.body);
        const expires = new Date(session.expiresAtMs);
        reply.setCookie(SESSION_COOKIE, token, { ...cookieOptions(request), expires });
        reply.header('cache-control', 'no-store');
        return {
          token,
          user: toWireCaller({ ...user, userId: user.id, scopes: [] }),
          expires_at: toWireTime(session.expiresAtMs),
        };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/user/logout',
      config: { optionalCaller: true },
      schema: {
        tags: ['account'],
        summary: 'Log out',
        description: 'Ends the calling session at once, everywhere, with its session streams.',
        response: {
          204: z.undefined().describe('There is no session any more.'),
          ...problems('unauthorized', 'forbidden'),
        },
      },
      handler: async (request, reply) => {
        await logOut(ports, request.caller);
        return clearCookie(request, reply).code(204).send();
      },
    });

    app.route({
      method: 'GET',
      url: '/api/user/session',
      schema: {
        tags: ['account'],
        summary: 'Who am I',
        response: { 200: sessionAnswer, ...problems('unauthorized', 'forbidden') },
      },
      handler: async (request, reply) => {
        const { caller, kind } = describeCaller(ports, request.caller);
        reply.header('cache-control', 'no-store');
        return { user: toWireCaller(caller), scopes: [...caller.scopes], kind };
      },
    });
  };
