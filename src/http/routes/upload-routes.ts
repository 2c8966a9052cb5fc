import multipart from '@fastify/multipart';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Ports } from '../../services/ports.ts';
import { uploadAudio, type UploadOutcome } from '../../services/upload-audio.ts';
import type { LinkOptions } from '../base-url.ts';
import { formValidator } from '../form-body.ts';
import { replayIdempotent } from '../idempotency.ts';
import { receiveMultipart } from '../multipart-upload.ts';
import { problems } from '../problem.ts';
import { uploadQuery } from '../schemas/audio-schemas.ts';
import { answerUpload, UPLOAD_ERRORS, uploadAnswers, waitHeaders } from '../upload-answer.ts';

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
        headers: waitHeaders,
        body: uploadForm,
        response: { ...uploadAnswers, ...problems(...UPLOAD_ERRORS) },
      },
      validatorCompiler: formValidator,
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
        return answerUpload(ports, request, reply, outcome, options);
      },
    });
  };
