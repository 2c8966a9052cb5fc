import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FastifyRouteSchemaDef } from 'fastify/types/schema.js';
import { validatorCompiler, type FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { completeUpload } from '../../services/complete-direct-upload.ts';
import { abortUpload, beginUpload, receivePart, type BegunUpload } from '../../services/direct-uploads.ts';
import type { Ports } from '../../services/ports.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { discardBody } from '../discard-body.ts';
import { problems } from '../problem.ts';
import {
  beginBody,
  begunAnswer,
  partBody,
  partParams,
  partQuery,
  uploadParams,
} from '../schemas/direct-upload-schemas.ts';
import { toWireTime } from '../schemas/paging.ts';
import { answerUpload, UPLOAD_ERRORS, uploadAnswers, waitHeaders } from '../upload-answer.ts';

/** `/api/audio/uploads`: files whose sender puts them into the object store, part by part. */
export const directUploadRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'POST',
      url: '/api/audio/uploads',
      // Its answer opens the parts to whoever has it.
      config: { idempotency: 'secret' },
      schema: {
        tags: ['audio'],
        summary: 'Begin a direct upload',
        description:
          'For large files, and for lines that break: PUT each part to its `url`, in any order, some at a time, any of them again; then complete the upload. Where audio lives in a bucket, the parts go straight there.',
        body: beginBody,
        response: {
          201: begunAnswer.describe('What is to be sent where.'),
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'already_exists',
            'too_large',
            'storage_unavailable',
            'insufficient_storage',
          ),
        },
      },
      handler: async (request, reply) => {
        const { filename, size, title, description, on_conflict: onConflict } = request.body;
        const details = { filename, sentFilename: filename, title, description, onConflict };
        const begun = await beginUpload(ports, request.caller, { sizeBytes: size, details });
        return reply
          .code(201)
          .header('cache-control', 'no-store')
          .send(toWireUpload(begun, baseUrlOf(request, options)));
      },
    });

    app.route({
      method: 'POST',
      url: '/api/audio/uploads/:id/complete',
      schema: {
        tags: ['audio'],
        summary: 'Complete a direct upload',
        description:
          'Answers as `POST /api/audio/upload` does. It has no body: which parts are there, the store knows. While some are missing, 409 `conflict` names them in `details.missing_parts`, and they can still be sent. Completed again, it answers the same.',
        params: uploadParams,
        headers: waitHeaders,
        response: { ...uploadAnswers, ...problems(...UPLOAD_ERRORS, 'not_found', 'not_ready') },
      },
      handler: async (request, reply) => {
        const outcome = await completeUpload(ports, request.caller, request.params.id);
        return answerUpload(ports, request, reply, outcome, options);
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/audio/uploads/:id',
      schema: {
        tags: ['audio'],
        summary: 'Abort a direct upload',
        description: 'With all that was sent of it. What has been completed stays. Idempotent.',
        params: uploadParams,
        response: {
          204: z.undefined().describe('There is no such upload any more.'),
          ...problems('unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        await abortUpload(ports, request.caller, request.params.id);
        return reply.code(204).send();
      },
    });

    await app.register(partRoutes(ports));
  };

const partRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    leaveBodiesUnread(app);
    app.route({
      method: 'PUT',
      url: '/api/audio/uploads/:id/parts/:number',
      config: { anonymous: true, upload: true },
      schema: {
        tags: ['audio'],
        summary: 'Send a part of a direct upload',
        description:
          'The addresses of the parts say all that this needs. Streams to disk; a part that is sent again takes the place of what was there. Only where audio lives in a directory.',
        consumes: ['application/octet-stream'],
        params: partParams,
        querystring: partQuery,
        body: partBody,
        response: {
          204: z.undefined().describe('It is stored.'),
          ...problems('invalid_input', 'not_found', 'conflict', 'insufficient_storage'),
        },
      },
      // The handler reads the body.
      validatorCompiler: ({ schema, method, url, httpPart = '' }: FastifyRouteSchemaDef<unknown>) =>
        httpPart === 'body'
          ? (value: unknown) => ({ value })
          : validatorCompiler({ schema: schema as z.ZodType, method, url, httpPart }),
      handler: async (request, reply) => {
        const { id: uploadId, number } = request.params;
        const { signature } = request.query;
        try {
          await receivePart(ports, { uploadId, number, signature }, bodyOf(request));
        } catch (error) {
          discardBody(request);
          throw error;
        }
        return reply.code(204).send();
      },
    });
  };

/** Whatever type a client gives them: what is sent to a bucket's addresses has none that counts, either. */
function leaveBodiesUnread(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

/** Ending the iteration leaves the connection as it is, so that a refusal can be read. */
const bodyOf = ({ raw }: FastifyRequest): AsyncIterable<Uint8Array> =>
  raw.iterator({ destroyOnReturn: false });

function toWireUpload(
  { uploadId, expiresAtMs, parts }: BegunUpload,
  baseUrl: string,
): z.output<typeof begunAnswer> {
  const urlOf = ({ number, address }: BegunUpload['parts'][number]): string =>
    'url' in address
      ? address.url
      : `${baseUrl}/api/audio/uploads/${uploadId}/parts/${number}?signature=${address.signature}`;
  return {
    upload_id: uploadId,
    parts: parts.map((part) => ({ number: part.number, url: urlOf(part), size: part.sizeBytes })),
    expires_at: toWireTime(expiresAtMs),
  };
}
