import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { describeLinked, getLinkedCover } from '../../services/linked-audio.ts';
import type { Ports } from '../../services/ports.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import {
  coverParams,
  coverQuery,
  listenAnswer,
  listenQuery,
  toWireLinked,
} from '../schemas/listen-schemas.ts';
import { sendBytes } from '../send-bytes.ts';

const binary = { schema: z.string().meta({ format: 'binary' }) };
const picture = { 'image/jpeg': binary, 'image/png': binary, 'image/webp': binary, 'image/gif': binary };

const LINK_PROBLEMS = ['invalid_input', 'unauthorized', 'not_found', 'storage_unavailable'] as const;

/** What the page shows to the bearer of a playback link, who sees nothing else of the library. */
export const listenRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/listen',
      config: { playback: true },
      schema: {
        tags: ['links'],
        summary: 'What a playback link opens',
        description:
          'For the page behind the link: its titles, times and covers, each with an address that carries the same token. The token alone decides; a login opens nothing here. A link that is revoked or has expired: 401.',
        querystring: listenQuery,
        response: { 200: listenAnswer, ...problems(...LINK_PROBLEMS) },
      },
      handler: async (request, reply) => {
        const { token, seed } = request.query;
        const binding = { token };
        const page = toPageRequest(ports.secret, 'listen', binding, request.query);
        const linked = await describeLinked(ports, request.caller, { token, page, seed });
        return reply.header('cache-control', 'private, no-store').send({
          ...toWireLinked(linked, baseUrlOf(request, options), token),
          ...pageFooter(ports.secret, 'listen', binding, linked.tracks),
        });
      },
    });

    app.route({
      method: ['GET', 'HEAD'],
      url: '/api/listen/cover/:index',
      config: { playback: true },
      schema: {
        tags: ['links'],
        summary: 'Cover art of a track of a playback link',
        description: 'As it lies in the upload; 404 where there is none. Conditional requests are answered.',
        params: coverParams,
        querystring: coverQuery,
        produces: Object.keys(picture),
        response: {
          200: { description: 'The picture.', content: picture },
          206: { description: 'The range.', content: picture },
          304: z.undefined().describe('The client has it.'),
          ...problems(...LINK_PROBLEMS, 'not_ready', 'precondition_failed', 'range_not_satisfiable'),
        },
      },
      handler: async (request, reply) => {
        const { params, query } = request;
        const cover = await getLinkedCover(ports, request.caller, query.token, params.index);
        return sendBytes(request, reply, {
          totalBytes: cover.sizeBytes,
          contentType: cover.mediaType,
          // The next edit puts another track here.
          cacheControl: 'private, no-cache',
          etag: `"${cover.etag}"`,
          headers: {
            // Anybody's bytes: a browser neither guesses what they are nor runs anything in them.
            'x-content-type-options': 'nosniff',
            'content-security-policy': "default-src 'none'; sandbox",
          },
          open: (range, signal) => cover.read(range, signal),
        });
      },
    });
  };
