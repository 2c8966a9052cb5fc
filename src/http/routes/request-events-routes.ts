import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isFinal } from '../../domain/request.ts';
import { admitCaller } from '../../services/connections.ts';
import { getRequest } from '../../services/get-request.ts';
import { getResult } from '../../services/get-result.ts';
import type { Ports } from '../../services/ports.ts';
import {
  EVENT_STREAM_HEAD,
  EVENT_STREAM_HEADERS,
  EventStream,
  toServerSentEvent,
} from '../live/event-stream.ts';
import type { LiveConnections } from '../live/live-connections.ts';
import { problems } from '../problem.ts';
import { requestParams } from '../schemas/request.ts';
import { sendBytes } from '../send-bytes.ts';

const seqText = z.string().regex(/^\d{1,15}$/, 'A number, as the `id` of an event.');

/** `/api/requests/{id}/events` and `/result` */
export const requestEventsRoutes =
  (ports: Ports, live: LiveConnections): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/requests/:id/events',
      exposeHeadRoute: false,
      schema: {
        tags: ['requests'],
        summary: 'A request, as it goes on',
        description:
          'Server-sent events: `progress`, and at the end `complete` or `error`, with the data of the WebSocket’s messages and `seq` as their id. What came after `Last-Event-ID` or `since` is told at once, folded into the latest state; the last event never gets lost. The answer ends with it; who knows it already is answered 204, which ends an EventSource too.',
        params: requestParams,
        querystring: z.object({
          since: seqText
            .optional()
            .meta({ description: 'The `seq` that is known already.', examples: ['3'] }),
        }),
        headers: z.object({ 'last-event-id': seqText.optional() }),
        produces: ['text/event-stream'],
        response: {
          200: {
            description: 'Events.',
            content: {
              'text/event-stream': {
                schema: z.string().meta({
                  examples: [
                    'id: 3\nevent: progress\ndata: {"type":"progress","request_id":"q4mYb0b1R0a8s2h9u1cY3w","seq":3,"timestamp":"2026-11-21T08:30:01.000Z","percentage":40,"message":"Measuring loudness"}\n\n',
                  ],
                }),
              },
            },
          },
          204: z.undefined().describe('It has ended, and the client knows how.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'aborted'),
        },
      },
      handler: async (request, reply) => {
        const { caller, params, query, headers } = request;
        // EventSource asks for the same address again, and knows more by then.
        const since = Math.max(Number(query.since ?? 0), Number(headers['last-event-id'] ?? 0));
        const seen = await getRequest(ports, caller, params.id);
        if (isFinal(seen.status)) {
          void reply.headers(EVENT_STREAM_HEADERS);
          if (seen.seq <= since) return reply.removeHeader('content-type').code(204).send();
          return reply.send(EVENT_STREAM_HEAD + toServerSentEvent(ports, seen));
        }
        const userAgent = headers['user-agent'] ?? '';
        const record = await live.records.open(caller, 'sse', userAgent);
        const stream = new EventStream(live, ports, reply, record, admitCaller(caller));
        await stream.open(ports, { requestId: params.id, since });
        return reply;
      },
    });

    app.route({
      method: 'GET',
      url: '/api/requests/:id/result',
      schema: {
        tags: ['requests'],
        summary: 'What a request brought about',
        description:
          'For results of more than 64 KB, which the request itself only points to; and for all others.',
        params: requestParams,
        response: {
          200: {
            description: 'The result.',
            content: {
              'application/json': { schema: z.unknown().meta({ examples: [{ filename: 'story.mp3' }] }) },
            },
          },
          206: {
            description: 'A range of it.',
            content: { 'application/json': { schema: z.unknown() } },
          },
          304: z.undefined().describe('The client has it.'),
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'not_found',
            'not_ready',
            'conflict',
            'precondition_failed',
            'range_not_satisfiable',
          ),
        },
      },
      handler: async (request, reply) => {
        const result = await getResult(ports, request.caller, request.params.id);
        if (result.kind === 'inline') {
          return reply
            .header('cache-control', 'no-store')
            .type('application/json; charset=utf-8')
            .send(JSON.stringify(result.result));
        }
        return sendBytes(request, reply, {
          totalBytes: result.sizeBytes,
          contentType: 'application/json; charset=utf-8',
          cacheControl: 'private, no-cache',
          etag: `"${result.etag}"`,
          open: (range, signal) => result.read(range, signal),
        });
      },
    });
  };
