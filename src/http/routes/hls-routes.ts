import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { makePlaylist } from '../../services/hls-playlist.ts';
import type { ClockPlaylist } from '../../services/hls-playlist.ts';
import { openClockSegment, openFiniteSegment } from '../../services/hls-segment.ts';
import type { HlsSegment } from '../../services/hls-segment.ts';
import type { Ports } from '../../services/ports.ts';
import { cacheScope } from '../cache-scope.ts';
import { goneSignal } from '../gone-signal.ts';
import { traitsOf } from '../listener-traits.ts';
import { PLAYLIST_TYPE, writeClockPlaylist, writeFinitePlaylist } from '../media-playlist.ts';
import { problems } from '../problem.ts';
import { ORDER_PROBLEMS, playQuery, toOrder } from '../schemas/stream-playback-schemas.ts';
import { streamParams } from '../schemas/stream-schemas.ts';
import { sendBytes, type SendableBytes } from '../send-bytes.ts';
import { sendText } from '../send-text.ts';
import { queryAgain } from '../stream-query.ts';
import type { SendOptions } from '../write-body.ts';

const binary = { 'audio/mpeg': { schema: z.string().meta({ format: 'binary' }) } };
const notModified = z.undefined().describe('The client has it.');

const PROBLEMS = problems(...ORDER_PROBLEMS, 'precondition_failed');

const segmentNumber = z
  .string()
  .regex(/^\d{1,10}$/, 'The number of a segment.')
  .transform(Number)
  .meta({ examples: ['0'] });
const segmentId = z
  .string()
  .max(100)
  .meta({ description: 'As the playlist has it.', examples: ['d41tZCS0TAyrJIb5J2GQ1A'] });

/** Nothing else is ever there under its URL. */
const FOR_EVER = 'max-age=31536000, immutable';

const PLAYLIST_EXAMPLE =
  '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXT-X-MEDIA-SEQUENCE:179516160\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T08:00:00.012Z\n#EXTINF:10.004898,\nhls/clock/d41tZCS0TAyrJIb5J2GQ1A/179516160.mp3?seed=7\n';

/** HTTP Live Streaming (RFC 8216): a stream as a playlist of segments of MP3, for players that know no endless answer. */
export const hlsRoutes =
  (ports: Ports, options: SendOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/api/streams/:name/playlist.m3u8',
      config: { playback: true },
      schema: {
        tags: ['streams'],
        summary: 'Play a stream by HTTP Live Streaming',
        description:
          'Streams with an end, and all with `sleep_s`, are listed whole; those without, by a window around now that every instance tells alike. `live=1`: in everybody’s order. A link’s `token` is carried into the URLs of the segments.',
        params: streamParams,
        querystring: playQuery,
        produces: [PLAYLIST_TYPE],
        response: {
          200: {
            description: 'The media playlist.',
            content: { [PLAYLIST_TYPE]: { schema: z.string().meta({ examples: [PLAYLIST_EXAMPLE] }) } },
          },
          304: notModified,
          ...PROBLEMS,
        },
      },
      handler: async (request, reply) =>
        sendPlaylist(ports, request, reply, request.params.name, request.query),
    });

    for (const kind of ['plan', 'clock'] as const) {
      app.route({
        method: ['GET', 'HEAD'],
        url: `/api/streams/:name/hls/${kind}/:id/:number.mp3`,
        config: { playback: true },
        schema: {
          tags: ['streams'],
          summary: kind === 'plan' ? 'Segment of a stream with an end' : 'Segment of a stream without end',
          description:
            'As the playlist lists it: whole frames of MP3 behind an ID3 tag with their time. What is here never changes; where something else is heard by now, 404: read the playlist anew.',
          params: streamParams.extend({ id: segmentId, number: segmentNumber }),
          querystring: playQuery,
          produces: ['audio/mpeg'],
          response: {
            200: { description: 'All of it.', content: binary },
            206: { description: 'The range.', content: binary },
            304: notModified,
            ...PROBLEMS,
            ...problems('range_not_satisfiable'),
          },
        },
        handler: async (request, reply) => {
          const { id, number } = request.params;
          const wanted = wantedOf(request, reply, request.params.name, request.query);
          const segment =
            kind === 'plan'
              ? await openFiniteSegment(ports, request.caller, wanted, { etag: id, number })
              : await openClockSegment(ports, request.caller, wanted, { id, number });
          return sendSegment(ports, request, reply, segment, options);
        },
      });
    }
  };

type PlayQuery = z.output<typeof playQuery>;

const wantedOf = (request: FastifyRequest, reply: FastifyReply, streamName: string, query: PlayQuery) => ({
  name: streamName,
  ...toOrder(query),
  live: query.live,
  get listener() {
    return traitsOf(request);
  },
  // Made when something must be waited for, which is seldom.
  get signal() {
    return goneSignal(reply);
  },
});

async function sendPlaylist(
  ports: Ports,
  request: FastifyRequest,
  reply: FastifyReply,
  streamName: string,
  query: PlayQuery,
): Promise<FastifyReply> {
  const playlist = await makePlaylist(ports, request.caller, wantedOf(request, reply, streamName, query));
  const scope = cacheScope(request, ports.policy, playlist.isOfListener);
  const headers = { 'x-stream-name': streamName };
  if (playlist.kind === 'finite') {
    const { etag, seed } = playlist;
    const again = queryAgain(request, query, { seed, live: false });
    const text = writeFinitePlaylist(playlist, (number) => `hls/plan/${etag}/${number}.mp3${again}`);
    // The next edit, or the next day, makes it another one.
    return sendText(request, reply, {
      text,
      contentType: PLAYLIST_TYPE,
      cacheControl: `${scope}, no-cache`,
      headers,
    });
  }
  const again = (seed: number | undefined) => queryAgain(request, query, { seed, live: false });
  const text = writeClockPlaylist(
    playlist,
    ({ id, number, seed }) => `hls/clock/${id}/${number}.mp3${again(seed)}`,
  );
  const cacheControl = `${scope}, max-age=${secondsUntilNext(ports, playlist)}`;
  return sendText(request, reply, { text, contentType: PLAYLIST_TYPE, cacheControl, headers });
}

/**
 * Whole ones, up, so that a cache asks once for each list and not for every listener of its last second. What it has for
 * a moment too long names two segments that nobody has heard yet.
 */
const secondsUntilNext = ({ clock }: Pick<Ports, 'clock'>, { untilMs }: ClockPlaylist): number =>
  Math.max(1, Math.ceil((untilMs - clock()) / 1000));

async function sendSegment(
  ports: Ports,
  request: FastifyRequest,
  reply: FastifyReply,
  segment: HlsSegment,
  options: SendOptions,
): Promise<FastifyReply> {
  const source: SendableBytes = {
    etag: `"${segment.etag}"`,
    totalBytes: segment.totalBytes,
    contentType: 'audio/mpeg',
    cacheControl: `${cacheScope(request, ports.policy, false)}, ${FOR_EVER}`,
    open: (range, signal) => segment.open(range, signal),
    findHeld: (range, enoughBytes) => segment.findHeld(range, enoughBytes),
    giveBack: (chunk) => ports.pieces.giveBack(chunk),
  };
  return sendBytes(request, reply, source, options);
}
