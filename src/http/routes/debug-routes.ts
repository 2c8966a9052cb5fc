import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { openDebugFile } from '../../services/debug-files.ts';
import type { Ports } from '../../services/ports.ts';
import { attachment } from '../content-disposition.ts';
import { problems } from '../problem.ts';
import { sendBytes } from '../send-bytes.ts';

const binary = z.string().meta({ format: 'binary' });
const content = { 'application/octet-stream': { schema: binary } };

/** What failed transcriptions worked on, at the signed addresses that a request's error tells. */
export const debugRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: ['GET', 'HEAD'],
      url: '/api/debug/:user/:name',
      config: { anonymous: true },
      schema: {
        tags: ['speech'],
        summary: 'A debug file of a request',
        description:
          'With `DEBUG_UPLOADS`, the error of a transcription has `debug_files`, each with such an address. It holds for 15 minutes and needs no login.',
        params: z.object({
          user: z.string(),
          name: z.string().meta({ examples: ['error-input-20261121T083000417Z-no_speech.m4a'] }),
        }),
        querystring: z.object({
          expires: z.coerce.number().int().min(0).default(0),
          signature: z.string().max(100).default(''),
        }),
        response: {
          200: { description: 'All of it.', content },
          206: { description: 'The range.', content },
          304: z.undefined().describe('The client has it.'),
          ...problems('invalid_input', 'not_found', 'precondition_failed', 'range_not_satisfiable'),
        },
      },
      handler: async (request, reply) => {
        const { user, name } = request.params;
        const { expires, signature } = request.query;
        const file = await openDebugFile(ports, user, name, expires, signature);
        return sendBytes(request, reply, {
          totalBytes: file.sizeBytes,
          contentType: 'application/octet-stream',
          cacheControl: 'private, no-store',
          etag: `"${file.etag}"`,
          headers: { 'x-content-type-options': 'nosniff', 'content-disposition': attachment(name) },
          open: (range, signal) => file.read(range, signal),
        });
      },
    });
  };
