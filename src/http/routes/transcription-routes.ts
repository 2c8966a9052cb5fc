import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ValidationError } from '../../domain/app-error.ts';
import { originalFilename } from '../../services/original-filename.ts';
import {
  checkUploadTranscription,
  orderTranscription,
  orderUploadTranscription,
  type UploadTranscriptionDetails,
} from '../../services/order-transcription.ts';
import type { Ports } from '../../services/ports.ts';
import { formValidator } from '../form-body.ts';
import { replayIdempotent } from '../idempotency.ts';
import { receiveForm, type FormDetails } from '../multipart-upload.ts';
import { problems } from '../problem.ts';
import { answerRequest, requestAnswers, waitHeaders } from '../request-answer.ts';
import { languageSchema } from '../schemas/action-payloads.ts';
import { fileParams } from '../schemas/audio-schemas.ts';

const transcribeBody = z
  .strictObject({ language: languageSchema.optional() })
  .nullish()
  .meta({ examples: [{ language: 'en' }] });

const FIELDS = ['language', 'from_s', 'to_s'] as const;

const seconds = z.string().optional();
const transcriptionForm = z.object({
  file: z.string().meta({ format: 'binary', description: 'Anything that ffmpeg can decode.' }),
  language: languageSchema.optional(),
  from_s: seconds.meta({ description: 'Where to begin, in seconds.', examples: ['12.5'] }),
  to_s: seconds.meta({ description: 'Where to end, in seconds.', examples: ['90'] }),
});

/** What an order is refused with, and what it may end with when that is waited for. */
const ENDS = [
  'invalid_input',
  'unauthorized',
  'forbidden',
  'unsupported_media',
  'too_large',
  'no_speech',
  'engine_unavailable',
  'engine_refused',
  'engine_timeout',
  'tool_unavailable',
  'storage_unavailable',
  'insufficient_storage',
  'cancelled',
] as const;

/** Speech into text: of a file of the library, and of an upload of which nothing is kept. */
export const transcriptionRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    await app.register(multipart);

    app.route({
      method: 'POST',
      url: '/api/audio/:filename/transcribe',
      schema: {
        tags: ['speech'],
        summary: 'Transcribe a file',
        description:
          'Queued; the transcript replaces one that is there when it is whole. `GET …/transcript` has it then.',
        params: fileParams,
        headers: waitHeaders,
        body: transcribeBody,
        response: {
          ...requestAnswers,
          ...problems(...ENDS, 'not_found', 'not_ready', 'conflict'),
        },
      },
      handler: async (request, reply) => {
        const { params, body, caller } = request;
        const begun = await orderTranscription(ports, caller, params.filename, { language: body?.language });
        return answerRequest(ports, request, reply, begun);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/transcriptions',
      config: { idempotency: 'own' },
      schema: {
        tags: ['speech'],
        summary: 'Transcribe an upload',
        description:
          'Nothing of it is kept: the result of the request has the text and its segments. `Prefer: wait=N` waits for it.',
        consumes: ['multipart/form-data'],
        headers: waitHeaders,
        body: transcriptionForm,
        response: {
          ...requestAnswers,
          ...problems(...ENDS),
        },
      },
      validatorCompiler: formValidator,
      handler: async (request, reply) => {
        const { caller } = request;
        const { upload, details } = await receiveForm(ports, request, {
          fields: FIELDS,
          check: (form) => checkUploadTranscription(ports, caller, toDetails(form)),
        });
        try {
          const fingerprint = JSON.stringify([details, upload.sha256]);
          if (await replayIdempotent(ports, request, reply, fingerprint)) return await reply;
          const begun = await orderUploadTranscription(ports, caller, upload, toDetails(details));
          return await answerRequest(ports, request, reply, begun);
        } finally {
          await upload.remove();
        }
      },
    });
  };

function toDetails({
  fields,
  sentFilename,
}: FormDetails<(typeof FIELDS)[number]>): UploadTranscriptionDetails {
  return {
    language: fields.language,
    fromS: parseSeconds('from_s', fields.from_s),
    toS: parseSeconds('to_s', fields.to_s),
    originalFilename: originalFilename(sentFilename ?? ''),
  };
}

/** @throws invalid_input */
function parseSeconds(field: 'from_s' | 'to_s', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(text)) throw new ValidationError(field, 'Seconds, 0 or more.');
  return Number(text);
}
