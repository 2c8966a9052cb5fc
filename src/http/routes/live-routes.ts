import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import { admitCaller } from '../../services/connections.ts';
import type { Ports } from '../../services/ports.ts';
import { issueWsTicket } from '../../services/ws-ticket.ts';
import type { LiveConnections } from '../live/live-connections.ts';
import { WEB_SOCKET_PATH } from '../live/web-socket-handshake.ts';
import type { WebSocketUpgrades } from '../live/web-socket-server.ts';
import { PROBLEM_CONTENT_TYPE, problems, toProblem } from '../problem.ts';
import { timeSchema, toWireTime } from '../schemas/paging.ts';
import { problemSchema } from '../schemas/problem.ts';

const ticketAnswer = z
  .object({
    ticket: z.string(),
    expires_at: timeSchema,
    url: z.string().optional().meta({
      description: 'Where WebSockets are, if not at `/api/ws` of this server; `?ticket=` goes to its end.',
    }),
  })
  .meta({ id: 'WsTicket', examples: [{ ticket: 'pX0c9…', expires_at: '2026-11-21T08:30:30.000Z' }] });

const ticketQuery = z.object({
  ticket: z
    .string()
    .max(4096)
    .optional()
    .meta({ description: 'Of `POST /api/ws/ticket`; opens one WebSocket.', examples: ['pX0c9…'] }),
});

/** RFC 6455, 4.2.1. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
const VERSION = '13';

/** `/api/ws` and its tickets */
export const liveRoutes =
  (
    ports: Ports,
    live: LiveConnections,
    upgrades: WebSocketUpgrades,
    { webSocketUrl: url }: { readonly webSocketUrl?: string | undefined },
  ): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/api/ws/ticket',
      // To answer with the same ticket again would be of no use.
      config: { idempotency: 'off' },
      schema: {
        tags: ['requests'],
        summary: 'A ticket for a WebSocket',
        description:
          'For pages of other origins, and for clients that cannot send headers with a WebSocket: `GET /api/ws?ticket=…`. Good for one connection within 30 seconds, as the caller of this route.',
        response: { 200: ticketAnswer, ...problems('unauthorized', 'forbidden') },
      },
      handler: async (request, reply) => {
        const { ticket, expiresAtMs } = issueWsTicket(ports, request.caller);
        return reply
          .header('cache-control', 'no-store')
          .send({ ticket, expires_at: toWireTime(expiresAtMs), url });
      },
    });

    app.route({
      method: 'GET',
      url: WEB_SOCKET_PATH,
      config: { webSocket: true },
      exposeHeadRoute: false,
      schema: {
        tags: ['requests'],
        summary: 'Ask for long work, and see it live',
        description:
          'A WebSocket (RFC 6455), authenticated by `Authorization`, by `?ticket=`, or by the cookie of a page of this server or of `CORS_ORIGINS`. docs/requests.md describes the messages.',
        querystring: ticketQuery,
        response: {
          101: z.undefined().describe('A WebSocket from here on.'),
          426: {
            description: '`invalid_input`: Not a WebSocket handshake of version 13.',
            content: { 'application/problem+json': { schema: problemSchema } },
          },
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'aborted'),
        },
      },
      handler: async (request, reply) => {
        const caller = admitCaller(request.caller);
        if (!upgrades.isUpgrade(request)) return refuse(request, reply, 'This takes a WebSocket handshake.');
        const { 'sec-websocket-key': key, 'sec-websocket-version': version } = request.headers;
        if (version !== VERSION) return refuse(request, reply, 'This takes WebSockets of version 13.');
        if (key === undefined || !KEY.test(key)) {
          throw new AppError('invalid_input', 'The Sec-WebSocket-Key is not 16 bytes in base64.');
        }
        const userAgent = request.headers['user-agent'] ?? '';
        const record = await live.records.open(caller, 'websocket', userAgent);
        upgrades.accept(request, reply, record, caller);
        return reply;
      },
    });
  };

/**
 * RFC 9110, 15.5.22 and RFC 6455, 4.4: the answer names what it would take. Without `Connection: upgrade`, which should
 * stand beside it: Node's own client would take the answer for an upgrade, and never show it.
 */
function refuse(request: FastifyRequest, reply: FastifyReply, message: string): FastifyReply {
  const error = new AppError('invalid_input', message);
  return reply
    .code(426)
    .headers({ upgrade: 'websocket', 'sec-websocket-version': VERSION })
    .header('cache-control', 'no-store')
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(toProblem(error, request.id, 426)));
}
