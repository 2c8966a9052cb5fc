import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Ports } from '../../services/ports.ts';
import { changeUser, createUser, deleteUser, listUsers } from '../../services/users.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import { pagingAnswer, pagingQuery } from '../schemas/paging.ts';
import { emailInput, newPassword, toWireUser, usernameInput, userSchema } from '../schemas/user.ts';

const userParams = z.object({
  id: z
    .string()
    .max(100)
    .meta({ examples: ['1795249800000'] }),
});

/** `/api/admin/users`: the users of the calling administrator's tenant */
export const userRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/admin/users',
      schema: {
        tags: ['users'],
        summary: 'List the users',
        description: 'By user name, without regard to case.',
        querystring: z.object(pagingQuery),
        response: {
          200: z.object({ users: z.array(userSchema), ...pagingAnswer }),
          ...problems('invalid_input', 'unauthorized', 'forbidden'),
        },
      },
      handler: async (request) => {
        const after = toPageRequest(ports.secret, 'users', {}, request.query);
        const page = await listUsers(ports, request.caller, after);
        return { users: page.items.map(toWireUser), ...pageFooter(ports.secret, 'users', {}, page) };
      },
    });

    app.route({
      method: 'POST',
      url: '/api/admin/users',
      schema: {
        tags: ['users'],
        summary: 'Add a user',
        body: z.strictObject({
          username: usernameInput,
          password: newPassword,
          email: emailInput.optional(),
          is_admin: z.boolean().default(false),
        }),
        response: {
          201: userSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'already_exists', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        const { username, password, email, is_admin: isAdmin } = request.body;
        const user = await createUser(ports, request.caller, { username, password, email, isAdmin });
        reply.code(201);
        return toWireUser(user);
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/admin/users/:id',
      schema: {
        tags: ['users'],
        summary: 'Change a user',
        description: 'A new password and a deactivation end the sessions of the user.',
        params: userParams,
        body: z.strictObject({
          password: newPassword.optional(),
          email: emailInput.nullish().meta({ description: 'null removes it.' }),
          is_admin: z.boolean().optional(),
          is_active: z.boolean().optional(),
        }),
        response: {
          200: userSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'conflict'),
        },
      },
      handler: async (request) => {
        const { password, email, is_admin: isAdmin, is_active: isActive } = request.body;
        const change = { password, email, isAdmin, isActive };
        return toWireUser(await changeUser(ports, request.caller, request.params.id, change));
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/admin/users/:id',
      schema: {
        tags: ['users'],
        summary: 'Remove a user',
        description:
          'With sessions, API keys and positions. What the user added to the library, and playback links, stay.',
        params: userParams,
        response: {
          204: z.undefined().describe('The user is gone.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        await deleteUser(ports, request.caller, request.params.id);
        return reply.code(204).send();
      },
    });
  };
