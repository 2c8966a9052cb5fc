import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Ports } from '../../services/ports.ts';
import { deleteStream, editStream, listStreams } from '../../services/streams.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import { ifMatchGuard, revisionTag } from '../revision-tag.ts';
import { pagingQuery } from '../schemas/paging.ts';
import {
  editBody,
  editedAnswer,
  guardHeaders,
  listAnswer,
  streamParams,
  toSettings,
  toWireListItem,
  toWireQueue,
} from '../schemas/stream-schemas.ts';

/** A queue may be 300 KB: a page of a thousand would hold hundreds of megabytes. */
const queuesLimit = z.coerce
  .number()
  .int()
  .min(1)
  .max(100)
  .default(50)
  .meta({ description: 'Streams a page, 1 to 100.', examples: [50] });

/** The streams of a tenant, apart from their queues. */
export const streamRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/streams/queues',
      schema: {
        tags: ['streams'],
        summary: 'List the streams',
        description: 'By name. `storage` tells whether they outlive the process.',
        querystring: z.object({ ...pagingQuery, limit: queuesLimit }),
        response: {
          200: listAnswer,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'storage_unavailable'),
        },
      },
      handler: async (request) => {
        const binding = { tenant: request.caller?.tenantId };
        const wanted = toPageRequest(ports.secret, 'streams', binding, request.query);
        const page = await listStreams(ports, request.caller, wanted);
        const { kind, persistent, detail } = ports.streamStorage;
        return {
          queues: page.items.map(toWireListItem),
          ...pageFooter(ports.secret, 'streams', binding, page),
          storage: { kind, persistent, ...(detail !== undefined && { detail }) },
        };
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/streams/:name',
      schema: {
        tags: ['streams'],
        summary: 'Edit play mode, title, persistence',
        description: 'What is absent stays. The queue is edited by its own routes.',
        params: streamParams,
        headers: guardHeaders,
        body: editBody,
        response: {
          200: editedAnswer,
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'not_found',
            'conflict',
            'precondition_failed',
            'storage_unavailable',
            'insufficient_storage',
          ),
        },
      },
      handler: async (request, reply) => {
        const { name } = request.params;
        const view = await editStream(
          ports,
          request.caller,
          name,
          toSettings(request.body),
          ifMatchGuard(request),
        );
        const message = `Changed "${name}".`;
        return reply
          .header('etag', revisionTag(view.stream))
          .send({ success: true as const, message, queue: toWireQueue(view) });
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/streams/:name',
      schema: {
        tags: ['streams'],
        summary: 'Delete a stream',
        description: 'With its playback links and positions. Its files stay in the library.',
        params: streamParams,
        headers: guardHeaders,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'not_found',
            'precondition_failed',
            'storage_unavailable',
          ),
        },
      },
      handler: async (request, reply) => {
        await deleteStream(ports, request.caller, request.params.name, ifMatchGuard(request));
        return reply.code(204).send();
      },
    });
  };
