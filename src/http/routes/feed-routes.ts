import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import type { Ports } from '../../services/ports.ts';
import { openStreamFeed } from '../../services/stream-feed.ts';
import type { Episode, StreamFeed } from '../../services/stream-feed.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { cacheScope, linkTokenOf } from '../cache-scope.ts';
import { evaluateConditions } from '../conditional.ts';
import { FEED_TYPE, writeFeed, type FeedUrls } from '../podcast-feed.ts';
import { problems } from '../problem.ts';
import { streamParams } from '../schemas/stream-schemas.ts';

const feedQuery = z.object({ token: z.string().optional().meta({ description: 'Of a playback link.' }) });

/** Raised whenever the same records would make another feed. */
const FEED_VERSION = 1;
const ETAG_BYTES = 16;

const EXAMPLE =
  '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>Good night</title></channel></rss>';

/** A stream as a podcast. */
export const feedRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/api/streams/:name/feed.xml',
      config: { playback: true },
      schema: {
        tags: ['streams'],
        summary: 'Subscribe to a stream as a podcast',
        description:
          'RSS 2.0 with the namespaces of iTunes and Podcasting 2.0: each file of the queue that is ready is an episode, once, the first one newest. The token of a playback link is carried into all URLs; a session or an API key never is, so that an app that cannot send one needs a link.',
        params: streamParams,
        querystring: feedQuery,
        produces: [FEED_TYPE],
        response: {
          200: {
            description: 'The feed.',
            content: { [FEED_TYPE]: { schema: z.string().meta({ examples: [EXAMPLE] }) } },
          },
          304: z.undefined().describe('The client has it.'),
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
        const feed = await openStreamFeed(ports, request.caller, request.params.name);
        const urls = urlsOf(feed, baseUrlOf(request, options), linkTokenOf(request));
        const cacheControl = `${cacheScope(request, ports.policy, false)}, no-cache`;
        return sendFeed(request, reply, feed, urls, cacheControl);
      },
    });
  };

function urlsOf({ stream }: StreamFeed, baseUrl: string, token: string | undefined): FeedUrls {
  const site = `${baseUrl}/`;
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  const base = `${baseUrl}/api/streams/${encodeURIComponent(stream.name)}`;
  return {
    site,
    self: `${base}/feed.xml${query}`,
    ofFile: (filename, below = '') => `${base}/files/${encodeURIComponent(filename)}${below}${query}`,
  };
}

/** Written as the records are read, of which the first are read before the answer begins. */
async function sendFeed(
  request: FastifyRequest,
  reply: FastifyReply,
  feed: StreamFeed,
  urls: FeedUrls,
  cacheControl: string,
): Promise<FastifyReply> {
  const named = JSON.stringify([FEED_VERSION, feed.version, urls.self]);
  const hash = createHash('sha256').update(named).digest().subarray(0, ETAG_BYTES);
  const etag = `"${hash.toString('base64url')}"`;
  const { kind } = evaluateConditions(request, { etag }, Date.now());
  if (kind === 'precondition_failed') {
    throw new AppError('precondition_failed', 'What is here is not what the request names.');
  }
  const headers = { etag, 'cache-control': cacheControl };
  if (kind === 'not_modified') return reply.headers(headers).code(304).send();
  const episodes = feed.readEpisodes();
  const first = await episodes.next();
  void reply.headers(headers).type(`${FEED_TYPE}; charset=utf-8`);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(
    Readable.from(writeFeed(feed, beginningWith(first, episodes), urls), { objectMode: false }),
  );
}

async function* beginningWith(
  first: IteratorResult<readonly Episode[], void>,
  rest: AsyncIterator<readonly Episode[], void>,
): AsyncGenerator<readonly Episode[], void, undefined> {
  for (let step = first; step.done !== true; step = await rest.next()) yield step.value;
}
