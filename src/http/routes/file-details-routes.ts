import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import { getCover } from '../../services/file-cover.ts';
import { getWaveform } from '../../services/file-waveform.ts';
import type { Ports } from '../../services/ports.ts';
import { evaluateConditions } from '../conditional.ts';
import { problems } from '../problem.ts';
import { fileParams } from '../schemas/audio-schemas.ts';
import { toWireWaveform, waveformAnswer, waveformQuery } from '../schemas/file-details-schemas.ts';
import { sendBytes } from '../send-bytes.ts';

/** For whoever may read the library, whatever `PLAYBACK` opens to others: never for a shared cache. */
const CACHE_CONTROL = 'private, max-age=3600';

const binary = { schema: z.string().meta({ format: 'binary' }) };
const picture = { 'image/jpeg': binary, 'image/png': binary, 'image/webp': binary, 'image/gif': binary };
const notModified = z.undefined().describe('The client has it.');

const PROBLEMS = problems(
  'invalid_input',
  'unauthorized',
  'forbidden',
  'not_found',
  'not_ready',
  'precondition_failed',
  'storage_unavailable',
);

/** What can be seen of a file: its peaks and its cover. */
export const fileDetailsRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/audio/:filename/waveform',
      schema: {
        tags: ['audio'],
        summary: 'Peaks of one file',
        description:
          'For a picture of the sound: `wavesurfer.load(url, [peaks], duration)`. Conditional requests are answered.',
        params: fileParams,
        querystring: waveformQuery,
        response: { 200: waveformAnswer, 304: notModified, ...PROBLEMS },
      },
      handler: async (request, reply) => {
        const { filename } = request.params;
        const waveform = await getWaveform(ports, request.caller, filename, request.query.points);
        const etag = `"${waveform.etag}"`;
        const { kind } = evaluateConditions(request, { etag }, Date.now());
        if (kind === 'precondition_failed') {
          throw new AppError('precondition_failed', 'What is here is not what the request names.');
        }
        void reply.headers({ etag, 'cache-control': CACHE_CONTROL });
        if (kind === 'not_modified') return reply.code(304).send();
        return reply.send(toWireWaveform(waveform));
      },
    });

    app.route({
      method: ['GET', 'HEAD'],
      url: '/api/audio/:filename/cover',
      schema: {
        tags: ['audio'],
        summary: 'Cover art of one file',
        description: 'As it lies in the upload. Conditional requests are answered.',
        params: fileParams,
        produces: Object.keys(picture),
        response: {
          200: { description: 'The picture.', content: picture },
          206: { description: 'The range.', content: picture },
          304: notModified,
          ...PROBLEMS,
          ...problems('range_not_satisfiable'),
        },
      },
      handler: async (request, reply) => {
        const cover = await getCover(ports, request.caller, request.params.filename);
        return sendBytes(request, reply, {
          totalBytes: cover.sizeBytes,
          contentType: cover.mediaType,
          cacheControl: CACHE_CONTROL,
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
