import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { isShuffled } from '../../domain/play-mode.ts';
import type { Ports } from '../../services/ports.ts';
import { describeListing } from '../../services/stream-listing.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { cacheScope } from '../cache-scope.ts';
import { attachment } from '../content-disposition.ts';
import { traitsOf } from '../listener-traits.ts';
import { PLAYLIST_FILES } from '../playlist-files.ts';
import { problems } from '../problem.ts';
import { ORDER_PROBLEMS, playQuery, toOrder } from '../schemas/stream-playback-schemas.ts';
import { streamParams } from '../schemas/stream-schemas.ts';
import { sendText } from '../send-text.ts';
import { queryAgain } from '../stream-query.ts';

const EXAMPLES = {
  m3u: '#EXTM3U\n#PLAYLIST:Good night\n#EXTINF:612,Good night\nhttp://127.0.0.1:8080/api/streams/my-story/stream.mp3\n',
  pls: '[playlist]\nNumberOfEntries=1\nFile1=http://127.0.0.1:8080/api/streams/my-story/stream.mp3\nTitle1=Good night\nLength1=612\nVersion=2\n',
};

/** Files that name the URL of `stream.mp3`, to be handed to a player. */
export const streamListRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    for (const kind of ['m3u', 'pls'] as const) {
      const { mediaType, write } = PLAYLIST_FILES[kind];
      app.route({
        method: ['GET', 'HEAD'],
        url: `/api/streams/:name/stream.${kind}`,
        config: { playback: true },
        schema: {
          tags: ['streams'],
          summary: `Hand a stream to a player, as ${kind.toUpperCase()}`,
          description:
            'Names the URL of `stream.mp3` with the same parameters. A player that opens it has no session: ask with the `token` of a playback link, which is in that URL then, or with `PLAYBACK=public`.',
          params: streamParams,
          querystring: playQuery,
          produces: [mediaType],
          response: {
            200: {
              description: 'The playlist file.',
              content: { [mediaType]: { schema: z.string().meta({ examples: [EXAMPLES[kind]] }) } },
            },
            304: z.undefined().describe('The client has it.'),
            ...problems(...ORDER_PROBLEMS, 'precondition_failed'),
          },
        },
        handler: async (request, reply) => {
          const { query } = request;
          const listing = await describeListing(ports, request.caller, {
            name: request.params.name,
            ...toOrder(query),
            get listener() {
              return traitsOf(request);
            },
          });
          const path = `/api/streams/${encodeURIComponent(listing.name)}/stream.mp3`;
          const url = `${baseUrlOf(request, options)}${path}${queryAgain(request, query)}`;
          const isOfListener = query.sleep_s !== undefined && isShuffled(listing.playMode);
          const scope = cacheScope(request, ports.policy, isOfListener && query.seed === undefined);
          return sendText(request, reply, {
            text: write(listing, url),
            contentType: `${mediaType}; charset=utf-8`,
            cacheControl: `${scope}, no-cache`,
            headers: { 'content-disposition': attachment(`${listing.name}.${kind}`) },
          });
        },
      });
    }
  };
