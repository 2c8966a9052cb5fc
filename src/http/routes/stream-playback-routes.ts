import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { playStream } from '../../services/play-stream.ts';
import type { EndlessPlayback, FinitePlayback } from '../../services/play-stream.ts';
import type { Ports } from '../../services/ports.ts';
import { previewStream } from '../../services/preview-stream.ts';
import type { WholePorts } from '../../services/lead-to-whole.ts';
import type { OrderPorts } from '../../services/stream-order.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { namedEntityTags } from '../conditional.ts';
import { goneSignal } from '../gone-signal.ts';
import { icyHeaders, wantsIcyTitles } from '../icy-headers.ts';
import { traitsOf } from '../listener-traits.ts';
import { problems } from '../problem.ts';
import {
  ORDER_PROBLEMS,
  planAnswer,
  planQuery,
  playHeaders,
  playQuery,
  toOrder,
  toWirePlan,
} from '../schemas/stream-playback-schemas.ts';
import { streamParams } from '../schemas/stream-schemas.ts';
import { beyondPlan } from '../beyond-playback.ts';
import { sendBytes, sendEndless, type SendableBytes } from '../send-bytes.ts';
import type { SendOptions } from '../write-body.ts';

const binary = z.string().meta({ format: 'binary' });

/** What is heard of a stream: the same under `/api/streams/…` and `/streams/…`, which cards of the predecessor carry. */
export const streamPlaybackRoutes =
  (ports: Ports, options: SendOptions & LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/streams/:name/plan',
      schema: {
        tags: ['streams'],
        summary: 'What will be heard',
        description:
          'The tracks in the order that the caller would hear now, and where each lies in the MP3 of `stream.mp3` with the same parameters.',
        params: streamParams,
        querystring: planQuery,
        response: { 200: planAnswer, ...problems(...ORDER_PROBLEMS) },
      },
      handler: async (request) => {
        const { name } = request.params;
        const preview = await previewStream(ports, request.caller, {
          name,
          ...toOrder(request.query),
          listener: traitsOf(request),
        });
        return toWirePlan(name, preview, baseUrlOf(request, options));
      },
    });

    for (const url of ['/api/streams/:name/stream.mp3', '/streams/:name/stream.mp3']) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        config: { playback: true },
        schema: {
          tags: ['streams'],
          summary: 'Play a stream as one MP3',
          description:
            '`sequential` and `shuffle`: byte-addressable, with ranges, conditional requests and a strong `ETag`. `loop` and `endless-shuffle`: without end or length, at playing speed after a burst of 10 s, and with titles for players that send `Icy-MetaData: 1`. `sleep_s` gives any mode an end, and with it all that finite ones have. Files that are still being taken in are waited for, up to 10 s. `X-Stream-Name`, `X-File-Count`, `X-Play-Mode` and, of shuffled modes, `X-Seed` tell what plays.',
          params: streamParams,
          querystring: playQuery,
          headers: playHeaders,
          produces: ['audio/mpeg'],
          response: {
            200: {
              description: 'All of it, or what has no end.',
              content: { 'audio/mpeg': { schema: binary } },
            },
            206: { description: 'The range.', content: { 'audio/mpeg': { schema: binary } } },
            307: z
              .undefined()
              .describe('Longer than one answer may be here: it is read there, from the bucket.'),
            304: z.undefined().describe('The client has it.'),
            ...problems(...ORDER_PROBLEMS, 'precondition_failed', 'range_not_satisfiable'),
          },
        },
        handler: async (request, reply) =>
          play(ports, request, reply, request.params.name, request.query, options),
      });
    }
  };

type PlayQuery = z.output<typeof playQuery>;

async function play(
  ports: OrderPorts & WholePorts,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  query: PlayQuery,
  options: SendOptions,
): Promise<FastifyReply> {
  const playback = await playStream(ports, request.caller, {
    name,
    ...toOrder(query),
    live: query.live,
    wantsTitles: wantsIcyTitles(request.headers),
    get listener() {
      return traitsOf(request);
    },
    namedEtags: namedEntityTags(request),
    // Made when something must be waited for, which is seldom.
    get signal() {
      return goneSignal(reply);
    },
  });
  const headers = describe(playback);
  if (playback.kind === 'endless') {
    const open = (signal: AbortSignal) => playback.open(signal);
    const source = {
      contentType: 'audio/mpeg',
      headers: { ...headers, ...titleHeaders(playback) },
      mayEnd: playback.isBounded,
      open,
    };
    return sendEndless(request, reply, source, options);
  }
  const source: SendableBytes = {
    etag: `"${playback.plan.etag}"`,
    lastModifiedMs: playback.lastModifiedMs,
    isDateStrong: playback.isDateStrong,
    totalBytes: playback.plan.totalBytes,
    contentType: 'audio/mpeg',
    // The next edit, or the next day, makes it another MP3 under the same URL.
    cacheControl: 'private, no-cache',
    headers,
    open: (range, signal) => playback.open(range, signal),
    findHeld: (range, enoughBytes) => playback.findHeld(range, enoughBytes),
    giveBack: (chunk) => ports.pieces.giveBack(chunk),
    beyond: beyondPlan(ports, request, reply, playback),
  };
  return sendBytes(request, reply, source, options);
}

function describe(playback: FinitePlayback | EndlessPlayback): Record<string, string> {
  return {
    'x-stream-name': playback.name,
    'x-file-count': String(playback.fileCount),
    'x-play-mode': playback.playMode,
    ...(playback.seed !== undefined && { 'x-seed': String(playback.seed) }),
  };
}

const titleHeaders = ({ titles }: EndlessPlayback) => (titles === undefined ? {} : icyHeaders(titles));
