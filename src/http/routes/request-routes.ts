import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { getRequest } from '../../services/get-request.ts';
import type { Ports } from '../../services/ports.ts';
import { problems } from '../problem.ts';
import { requestSchema, toWireRequest } from '../schemas/request.ts';

/** `/api/requests`: long work, as it goes on */
export const requestRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/requests/:id',
      schema: {
        tags: ['requests'],
        summary: 'How far a request is',
        description: 'Of the calling user; for administrators, of their tenant.',
        params: z.object({
          id: z
            .string()
            .max(100)
            .meta({ examples: ['q4mYb0b1R0a8s2h9u1cY3w'] }),
        }),
        response: {
          200: requestSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store');
        return toWireRequest(await getRequest(ports, request.caller, request.params.id));
      },
    });
  };
