import type { FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { PlaybackTarget } from '../../domain/credentials.ts';
import {
  createPlaybackLink,
  deletePlaybackLink,
  listPlaybackLinks,
  type LinkTarget,
} from '../../services/playback-links.ts';
import type { Ports } from '../../services/ports.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import { expiryInput, linkSchema, newLinkSchema, toExpiryMs, toWireLink } from '../schemas/credentials.ts';
import { pagingAnswer, pagingQuery } from '../schemas/paging.ts';

interface LinkedRoute {
  readonly kind: PlaybackTarget['kind'];
  readonly url: string;
  readonly playPath: (name: string) => string;
}

const LINKED: readonly LinkedRoute[] = [
  {
    kind: 'file',
    url: '/api/audio/:filename/links',
    playPath: (name) => `/api/audio/${encodeURIComponent(name)}`,
  },
  {
    kind: 'stream',
    url: '/api/streams/:name/links',
    playPath: (name) => `/api/streams/${encodeURIComponent(name)}/stream.mp3`,
  },
];

/** `/api/audio/{filename}/links` and `/api/streams/{name}/links` */
export const linkRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    for (const linked of LINKED) await app.register(linksOf(ports, options, linked));
  };

const linksOf =
  (ports: Ports, options: LinkOptions, { kind, url, playPath }: LinkedRoute): FastifyPluginAsyncZod =>
  async (app) => {
    const param = /:(\w+)/.exec(url)?.[1] ?? '';
    const name = z.string().meta({ examples: [kind === 'file' ? 'story.mp3' : 'bedtime'] });
    const params = z.object({ [param]: name });
    const targetOf = (request: FastifyRequest): LinkTarget => ({
      kind,
      name: (request.params as Record<string, string>)[param] ?? '',
    });

    app.route({
      method: 'POST',
      url,
      config: { idempotency: 'secret' },
      schema: {
        tags: ['links'],
        summary: `Make a playback link for a ${kind}`,
        description: 'A URL that plays without a login, for cards and radios. The token is shown once.',
        params,
        body: z.strictObject({ expires_at: expiryInput }).nullish(),
        response: {
          201: newLinkSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        const expiresAtMs = toExpiryMs(request.body?.expires_at);
        const target = targetOf(request);
        const { token, link } = await createPlaybackLink(ports, request.caller, target, expiresAtMs);
        reply.code(201).header('cache-control', 'no-store');
        const playUrl = `${baseUrlOf(request, options)}${playPath(link.name)}?token=${token}`;
        return { ...toWireLink(link), token, url: playUrl };
      },
    });

    app.route({
      method: 'GET',
      url,
      schema: {
        tags: ['links'],
        summary: `List the playback links of a ${kind}`,
        description: 'Newest first, without their tokens.',
        params,
        querystring: z.object(pagingQuery),
        response: {
          200: z.object({ links: z.array(linkSchema), ...pagingAnswer }),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request) => {
        const target = targetOf(request);
        const binding = { ...target };
        const after = toPageRequest(ports.secret, 'links', binding, request.query);
        const page = await listPlaybackLinks(ports, request.caller, target, after);
        return { links: page.items.map(toWireLink), ...pageFooter(ports.secret, 'links', binding, page) };
      },
    });

    app.route({
      method: 'DELETE',
      url: `${url}/:id`,
      schema: {
        tags: ['links'],
        summary: `Revoke a playback link of a ${kind}`,
        description: 'It opens nothing from now on.',
        params: params.extend({ id: z.string().max(100) }),
        response: {
          204: z.undefined().describe('The link is revoked.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const { id } = request.params as { id: string };
        await deletePlaybackLink(ports, request.caller, targetOf(request), id);
        return reply.code(204).send();
      },
    });
  };
