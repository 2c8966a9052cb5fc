import multipart from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyRouteSchemaDef } from 'fastify/types/schema.js';
import { validatorCompiler, type FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { awaitUpload } from '../../services/await-upload.ts';
import type { Ports } from '../../services/ports.ts';
import { uploadAudio, type UploadOutcome } from '../../services/upload-audio.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { goneSignal } from '../gone-signal.ts';
import { replayIdempotent } from '../idempotency.ts';
import { receiveMultipart } from '../multipart-upload.ts';
import { MAX_WAIT_S, preferredWaitS } from '../prefer.ts';
import { problems } from '../problem.ts';
import {
  acceptedAnswer,
  duplicateAnswer,
  fileSchema,
  toWireFile,
  uploadQuery,
} from '../schemas/audio-schemas.ts';

const DEFAULT_WAIT_S = 10;

const uploadForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'Anything that ffmpeg can decode.' }),
  filename: z
    .string()
    .optional()
    .meta({
      description: 'Its name in the library, else that of the file; the extension becomes `.mp3`.',
      examples: ['story.mp3'],
    }),
  title: z.string().optional().meta({ description: 'Else the title in its tags, else its name.' }),
  description: z.string().optional(),
});

const uploadHeaders = z.object({
  prefer: z
    .string()
    .optional()
    .meta({
      description: `\`wait=N\` (RFC 7240): waits N seconds, at most ${MAX_WAIT_S}, instead of ${DEFAULT_WAIT_S}.`,
      examples: ['wait=30'],
    }),
  'idempotency-key': z.string().optional(),
});

/** `POST /api/audio/upload`: a form, streamed to disk. */
export const uploadRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(multipart);
    app.route({
      method: 'POST',
      url: '/api/audio/upload',
      config: { idempotency: 'own' },
      schema: {
        tags: ['audio'],
        summary: 'Upload a file',
        description:
          'Streams to disk; `file` and the fields may come in any order. What is not MP3 of the library’s profile is made so; the original is kept.',
        consumes: ['multipart/form-data'],
        querystring: uploadQuery,
        headers: uploadHeaders,
        body: uploadForm,
        response: {
          200: duplicateAnswer.describe('The same content is there; nothing was stored.'),
          201: fileSchema.describe('Ready to play.'),
          202: acceptedAnswer.describe('Still at work; `Location` tells how it goes.'),
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'already_exists',
            'conflict',
            'too_large',
            'unsupported_media',
            'storage_unavailable',
            'tool_unavailable',
            'insufficient_storage',
          ),
        },
      },
      // The form is read by the handler, part by part: there is no body yet that could be validated.
      validatorCompiler: ({ schema, method, url, httpPart = '' }: FastifyRouteSchemaDef<unknown>) =>
        httpPart === 'body'
          ? (value: unknown) => ({ value })
          : validatorCompiler({ schema: schema as z.ZodType, method, url, httpPart }),
      handler: async (request, reply) => {
        const { upload, details } = await receiveMultipart(ports, request, request.query.on_conflict);
        let outcome: UploadOutcome;
        try {
          const fingerprint = JSON.stringify([details, upload.sha256]);
          if (await replayIdempotent(ports, request, reply, fingerprint)) return await reply;
          outcome = await uploadAudio(ports, request.caller, upload, details);
        } finally {
          await upload.remove();
        }
        if (outcome.kind === 'accepted') await answerAccepted(ports, request, reply, outcome, options);
        else
          reply.code(200).send({ ...toWireFile(outcome.file, baseUrlOf(request, options)), duplicate: true });
        return reply;
      },
    });
  };

/** `201` with the record when it is ready in time, else `202`. */
async function answerAccepted(
  ports: Ports,
  request: FastifyRequest,
  reply: FastifyReply,
  upload: { readonly requestId: string; readonly filename: string },
  options: LinkOptions,
): Promise<FastifyReply> {
  const preferredS = preferredWaitS(request.headers['prefer']);
  if (preferredS !== undefined) void reply.header('preference-applied', `wait=${preferredS}`);
  const waitMs = (preferredS ?? DEFAULT_WAIT_S) * 1000;
  const state = await awaitUpload(ports, request.caller, upload, waitMs, goneSignal(reply));
  const file = toWireFile(state.file, baseUrlOf(request, options));
  if (state.request.status === 'COMPLETED') {
    return reply
      .code(201)
      .header('location', `/api/audio/${encodeURIComponent(file.filename)}`)
      .send(file);
  }
  const { requestId, status } = state.request;
  return reply
    .code(202)
    .header('location', `/api/requests/${requestId}`)
    .send({ request_id: requestId, status, file });
}
