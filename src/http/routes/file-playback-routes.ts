import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { originalExtension } from '../../domain/filename.ts';
import { playFile } from '../../services/play-file.ts';
import type { Policy, Ports } from '../../services/ports.ts';
import { attachment } from '../content-disposition.ts';
import { goneSignal } from '../gone-signal.ts';
import { originalMediaType } from '../original-media-type.ts';
import { beyondFile } from '../beyond-playback.ts';
import { presignedUrl } from '../presigned-redirect.ts';
import { problems } from '../problem.ts';
import { fileParams, flag, fromSchema } from '../schemas/audio-schemas.ts';
import { sendBytes, type SendableBytes } from '../send-bytes.ts';
import type { SendOptions } from '../write-body.ts';

const playQuery = z.object({
  token: z.string().optional().meta({ description: 'Of a playback link.' }),
  original: flag.meta({ description: 'The file as it was uploaded.' }),
  download: flag.meta({ description: 'As an attachment, to be saved.' }),
  from: fromSchema,
});

const binary = z.string().meta({ format: 'binary' });

/** One file for a player: the same under `/api/audio/…` and `/audio/…`, which cards of the predecessor carry. */
export const filePlaybackRoutes =
  (ports: Ports, options: SendOptions): FastifyPluginAsyncZod =>
  async (app) => {
    for (const url of ['/api/audio/:filename', '/audio/:filename']) {
      app.route({
        method: ['GET', 'HEAD'],
        url,
        config: { playback: true },
        schema: {
          tags: ['audio'],
          summary: 'Play one file',
          description:
            'The playable MP3: ranges, conditional requests, a strong `ETag`. A file that is still being taken in is waited for, up to 10 s.',
          params: fileParams,
          querystring: playQuery,
          produces: ['audio/mpeg'],
          response: {
            200: { description: 'All of it.', content: { 'audio/mpeg': { schema: binary } } },
            206: { description: 'The range.', content: { 'audio/mpeg': { schema: binary } } },
            304: z.undefined().describe('The client has it.'),
            307: z
              .undefined()
              .describe(
                'With `PRESIGNED_PLAYBACK`, or where it is longer than one answer may be: it is read there, from the bucket.',
              ),
            ...problems(
              'invalid_input',
              'unauthorized',
              'forbidden',
              'not_found',
              'not_ready',
              'missing_part',
              'conflict',
              'precondition_failed',
              'range_not_satisfiable',
              'storage_unavailable',
            ),
          },
        },
        handler: async (request, reply) =>
          send(ports, request, reply, request.params.filename, request.query, options),
      });
    }
  };

async function send(
  ports: Ports,
  request: FastifyRequest,
  reply: FastifyReply,
  filename: string,
  wanted: z.output<typeof playQuery>,
  options: SendOptions,
): Promise<FastifyReply> {
  const { original, from } = wanted;
  const fromMs = from === undefined ? 0 : from * 1000;
  const playback = await playFile(ports, request.caller, filename, {
    original,
    fromMs,
    // Made when something must be waited for, which is seldom.
    get signal() {
      return goneSignal(reply);
    },
  });
  const { file } = playback;
  const contentType = original ? originalMediaType(originalExtension(file.originalFilename)) : 'audio/mpeg';
  // An upload is anybody's bytes: a browser must neither guess what they are nor open them as a page of this origin.
  const asAttachment = wanted.download || !contentType.startsWith('audio/');
  const name = original ? file.originalFilename : file.filename;
  const contentDisposition = asAttachment ? attachment(name) : undefined;
  const url = await presignedUrl(ports, request, playback, { contentType, contentDisposition });
  if (url !== null && from === undefined) {
    // For this listener alone, and not for as long as a cache might keep it.
    return reply.header('cache-control', 'private, no-store').redirect(url, 307);
  }
  const source: SendableBytes = {
    totalBytes: playback.sizeBytes,
    contentType,
    cacheControl: cacheControl(ports.policy),
    etag: `"${playback.etag}"`,
    lastModifiedMs: playback.modifiedAtMs,
    headers: {
      'x-content-type-options': 'nosniff',
      ...(contentDisposition !== undefined && { 'content-disposition': contentDisposition }),
    },
    open: (range, signal) => playback.read(range, signal),
    findHeld: (range, enoughBytes) => playback.findHeld(range, enoughBytes),
    giveBack: (chunk) => ports.pieces.giveBack(chunk),
    beyond: beyondFile(ports, request, reply, playback, { contentType, contentDisposition }),
  };
  return sendBytes(request, reply, source, options);
}

function cacheControl(policy: Policy): string {
  const isPublic = policy.playback === 'public' || policy.auth === 'off';
  return isPublic ? 'public, max-age=3600' : 'private, max-age=3600';
}
