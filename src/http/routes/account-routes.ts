import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { createApiKey, deleteApiKey, listApiKeys } from '../../services/api-keys.ts';
import { changePassword } from '../../services/own-account.ts';
import type { Ports } from '../../services/ports.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import {
  apiKeySchema,
  expiryInput,
  newApiKeySchema,
  scopesSchema,
  toExpiryMs,
  toWireApiKey,
} from '../schemas/credentials.ts';
import { pagingAnswer, pagingQuery } from '../schemas/paging.ts';
import { givenPassword, newPassword } from '../schemas/user.ts';

const OWN = 'Needs a login, or an API key with the scope `admin`.';

/** `/api/user/password` and `/api/user/keys` */
export const accountRoutes =
  (ports: Ports, options: { readonly loginsPerMinute: number }): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/api/user/password',
      config: { rateLimit: { max: options.loginsPerMinute, timeWindow: 60_000 } },
      schema: {
        tags: ['account'],
        summary: 'Change the own password',
        description: `Ends all other sessions of the user. ${OWN}`,
        body: z.strictObject({ current: givenPassword, new: newPassword }),
        response: {
          204: z.undefined().describe('The password is changed.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        await changePassword(ports, request.caller, request.body);
        return reply.code(204).send();
      },
    });

    app.route({
      method: 'GET',
      url: '/api/user/keys',
      schema: {
        tags: ['account'],
        summary: 'List the own API keys',
        description: `Newest first, without the keys themselves. ${OWN}`,
        querystring: z.object(pagingQuery),
        response: {
          200: z.object({ keys: z.array(apiKeySchema), ...pagingAnswer }),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'conflict'),
        },
      },
      handler: async (request) => {
        const after = toPageRequest(ports.secret, 'keys', {}, request.query);
        const page = await listApiKeys(ports, request.caller, after);
        return { keys: page.items.map(toWireApiKey), ...pageFooter(ports.secret, 'keys', {}, page) };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/user/keys',
      config: { idempotency: 'secret' },
      schema: {
        tags: ['account'],
        summary: 'Make an API key',
        description: `The key is shown once, in this answer. ${OWN}`,
        body: z.strictObject({
          name: z
            .string()
            .trim()
            .min(1)
            .max(100)
            .meta({ examples: ['kitchen radio'] }),
          scopes: scopesSchema,
          expires_at: expiryInput,
        }),
        response: {
          201: newApiKeySchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        const { name, scopes, expires_at: expiresAt } = request.body;
        const wanted = { name, scopes, expiresAtMs: toExpiryMs(expiresAt) };
        const { token, key } = await createApiKey(ports, request.caller, wanted);
        reply.code(201).header('cache-control', 'no-store');
        return { ...toWireApiKey(key), key: token };
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/user/keys/:id',
      schema: {
        tags: ['account'],
        summary: 'Delete an API key',
        description: `It opens nothing from now on. ${OWN}`,
        params: z.object({
          id: z
            .string()
            .max(100)
            .meta({ examples: ['q4mYb0b1R0a8s2h9u1cY3w'] }),
        }),
        response: {
          204: z.undefined().describe('The key is gone.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        await deleteApiKey(ports, request.caller, request.params.id);
        return reply.code(204).send();
      },
    });
  };
