import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { AsyncRequest } from '../../domain/request.ts';
import { getRequest } from '../../services/get-request.ts';
import type { Ports } from '../../services/ports.ts';
import { cancelRequest, listRequests, retryRequest } from '../../services/requests.ts';
import { submitRequest, type SubmittedRequest } from '../../services/submit-request.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { goneSignal } from '../gone-signal.ts';
import { problems } from '../problem.ts';
import { answerRequest, requestAnswers, waitHeaders } from '../request-answer.ts';
import {
  requestListAnswer,
  requestListQuery,
  requestOrder,
  requestParams,
  requestSchema,
  toRequestOrder,
  toWireRequest,
} from '../schemas/request.ts';

/** What a request may end with while it is waited for. */
const ENDS = [
  'cancelled',
  'conflict',
  'not_found',
  'too_large',
  'unsupported_media',
  'storage_unavailable',
  'tool_unavailable',
  'insufficient_storage',
] as const;

/** `/api/requests`: long work */
export const requestRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/api/requests',
      schema: {
        tags: ['requests'],
        summary: 'Ask for long work',
        description:
          'Answers 202 once it is in the queue, and 200 for an action that answers at once (of which no request is kept), or that ended while `Prefer: wait=N` waited for it. A request that FAILED while it was waited for is answered with its problem, and its id in `details.request_id`. The action `list_actions` tells which actions there are.',
        headers: waitHeaders,
        body: requestOrder,
        response: {
          ...requestAnswers,
          ...problems('invalid_input', 'unauthorized', 'forbidden', ...ENDS),
        },
      },
      handler: async (request, reply) => {
        const order = toRequestOrder(request.body);
        const submitted = await submitRequest(ports, request.caller, order, goneSignal(reply));
        if (submitted.kind === 'queued') return answerRequest(ports, request, reply, submitted.request);
        if (submitted.kind === 'failed') throw submitted.error;
        return reply
          .header('cache-control', 'no-store')
          .send(toWireRequest(ports, endedAtOnce(submitted, ports.clock())));
      },
    });

    app.route({
      method: 'GET',
      url: '/api/requests',
      schema: {
        tags: ['requests'],
        summary: 'List requests',
        description:
          'Of the calling user; for administrators, of their tenant. The newest first. They are kept for a week. A page may have fewer than `limit` and not be the last.',
        querystring: requestListQuery,
        response: { 200: requestListAnswer, ...problems('invalid_input', 'unauthorized', 'forbidden') },
      },
      handler: async (request, reply) => {
        const { status, action, user } = request.query;
        const { caller } = request;
        const binding = {
          tenant: caller?.tenantId,
          of: caller?.isAdmin === true ? 'tenant' : caller?.userId,
          status,
          action,
          user,
        };
        const page = await listRequests(
          ports,
          caller,
          { status, action, userId: user },
          toPageRequest(ports.secret, 'requests', binding, request.query),
        );
        return reply.header('cache-control', 'no-store').send({
          requests: page.items.map((each) => toWireRequest(ports, each)),
          ...pageFooter(ports.secret, 'requests', binding, page),
        });
      },
    });

    app.route({
      method: 'GET',
      url: '/api/requests/:id',
      schema: {
        tags: ['requests'],
        summary: 'How far a request is',
        description: 'Of the calling user; for administrators, of their tenant.',
        params: requestParams,
        response: {
          200: requestSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store');
        return toWireRequest(ports, await getRequest(ports, request.caller, request.params.id));
      },
    });

    app.route({
      method: 'POST',
      url: '/api/requests/:id/cancel',
      schema: {
        tags: ['requests'],
        summary: 'Cancel a request',
        description: 'Whether it waits or is at work, which then ends within a second or so. Idempotent.',
        params: requestParams,
        response: {
          200: requestSchema.describe('It is CANCELLED.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store');
        return toWireRequest(ports, await cancelRequest(ports, request.caller, request.params.id));
      },
    });

    app.route({
      method: 'POST',
      url: '/api/requests/:id/retry',
      schema: {
        tags: ['requests'],
        summary: 'Begin a request anew',
        description:
          'One that FAILED or was CANCELLED, with all its retries. `Prefer: wait=N` waits for its end.',
        params: requestParams,
        headers: waitHeaders,
        response: {
          ...requestAnswers,
          ...problems('invalid_input', 'unauthorized', 'forbidden', ...ENDS),
        },
      },
      handler: async (request, reply) => {
        const begun = await retryRequest(ports, request.caller, request.params.id);
        return answerRequest(ports, request, reply, begun);
      },
    });
  };

/** As a request would be told of that had been queued, and is done. */
function endedAtOnce(
  { requestId, action, result }: Extract<SubmittedRequest, { kind: 'done' }>,
  nowMs: number,
): AsyncRequest {
  return {
    requestId,
    action,
    payload: null,
    status: 'COMPLETED',
    userId: '',
    tenantId: '',
    progress: 100,
    progressMessage: '',
    result,
    retryCount: 0,
    maxRetries: 0,
    visibleAtMs: nowMs,
    attempt: 1,
    seq: 1,
    createdAtMs: nowMs,
    startedAtMs: nowMs,
    endedAtMs: nowMs,
  };
}
