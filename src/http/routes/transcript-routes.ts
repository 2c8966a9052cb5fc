import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AppError } from '../../domain/app-error.ts';
import { deleteTranscript, editTranscript } from '../../services/edit-transcript.ts';
import { withTranscript } from '../../services/file-transcript.ts';
import { getAudioFile } from '../../services/audio-files.ts';
import type { Ports } from '../../services/ports.ts';
import { settleLostTranscription } from '../../services/settle-transcription.ts';
import { evaluateConditions } from '../conditional.ts';
import { problems } from '../problem.ts';
import { ifMatchGuard, revisionTag } from '../revision-tag.ts';
import { fileParams } from '../schemas/audio-schemas.ts';
import {
  toTranscriptEdit,
  toWireTranscript,
  transcriptAnswer,
  transcriptBody,
} from '../schemas/transcript-schemas.ts';
import {
  acceptedFormat,
  TEXT_FORMATS,
  type TextFormat,
  type TranscriptFormat,
} from '../transcript-format.ts';

/** Of a body; as text with its times, four megabytes of speech. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** It may change at any moment, and is asked for again with its tag. */
const CACHE_CONTROL = 'private, no-cache';

const PROBLEMS = problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'precondition_failed');
const ifMatch = z.object({
  'if-match': z
    .string()
    .optional()
    .meta({ examples: ['"3"'] }),
});
const notModified = z.undefined().describe('The client has it.');
const textContent = (format: TextFormat) => ({
  [TEXT_FORMATS[format].mediaType]: { schema: z.string().meta({ examples: [EXAMPLES[format]] }) },
});
const EXAMPLES: Readonly<Record<TextFormat, string>> = {
  txt: 'Once upon a time there was a hare.',
  vtt: 'WEBVTT\n\n00:00:00.420 --> 00:00:03.100\nOnce upon a time there was a hare.\n',
  srt: '1\n00:00:00,420 --> 00:00:03,100\nOnce upon a time there was a hare.\n',
};

/** What is said in a file. */
export const transcriptRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/audio/:filename/transcript',
      schema: {
        tags: ['speech'],
        summary: 'Transcript of one file',
        description:
          'As JSON, or what `Accept` prefers of `text/plain`, `text/vtt` and `application/x-subrip`. JSON says how it stands also where there is none. The `ETag` of JSON names the revision, for `If-Match` of an edit.',
        params: fileParams,
        response: {
          200: {
            description: 'The transcript.',
            content: {
              'application/json': { schema: transcriptAnswer },
              ...textContent('txt'),
              ...textContent('vtt'),
              ...textContent('srt'),
            },
          },
          304: notModified,
          ...PROBLEMS,
        },
      },
      handler: async (request, reply) =>
        sendTranscript(request, reply.header('vary', 'accept'), acceptedFormat(request.headers.accept)),
    });

    app.route({
      method: 'GET',
      url: '/api/audio/:filename/transcript.json',
      schema: {
        tags: ['speech'],
        summary: 'Transcript of one file, as JSON',
        params: fileParams,
        response: { 200: transcriptAnswer, 304: notModified, ...PROBLEMS },
      },
      handler: async (request, reply) => sendTranscript(request, reply, 'json'),
    });

    for (const format of ['txt', 'vtt', 'srt'] as const) {
      app.route({
        method: 'GET',
        url: `/api/audio/:filename/transcript.${format}`,
        schema: {
          tags: ['speech'],
          summary: `Transcript of one file, as ${TEXT_FORMATS[format].mediaType}`,
          params: fileParams,
          produces: [TEXT_FORMATS[format].mediaType],
          response: {
            200: { description: 'The transcript.', content: textContent(format) },
            304: notModified,
            ...PROBLEMS,
          },
        },
        handler: async (request, reply) => sendTranscript(request, reply, format),
      });
    }

    app.route({
      method: 'PUT',
      url: '/api/audio/:filename/transcript',
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        tags: ['speech'],
        summary: 'Replace the transcript of one file',
        description:
          'By segments or by the whole text. It is searched from then on. `If-Match` guards against a lost update.',
        params: fileParams,
        headers: ifMatch,
        body: transcriptBody,
        response: {
          200: transcriptAnswer,
          ...PROBLEMS,
          ...problems('conflict', 'not_ready', 'too_large', 'storage_unavailable', 'insufficient_storage'),
        },
      },
      handler: async (request, reply) => {
        const edited = await editTranscript(
          ports,
          request.caller,
          request.params.filename,
          toTranscriptEdit(request.body),
          ifMatchGuard(request),
        );
        return reply.header('etag', revisionTag(edited.file)).send(toWireTranscript(edited));
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/audio/:filename/transcript',
      schema: {
        tags: ['speech'],
        summary: 'Delete the transcript of one file',
        description: 'The file stays; its status is `disabled` from then on.',
        params: fileParams,
        headers: ifMatch,
        response: {
          204: z.undefined().describe('There is none any more.'),
          ...PROBLEMS,
          ...problems('conflict', 'storage_unavailable', 'insufficient_storage'),
        },
      },
      handler: async (request, reply) => {
        const { filename } = request.params;
        const file = await deleteTranscript(ports, request.caller, filename, ifMatchGuard(request));
        return reply.code(204).header('etag', revisionTag(file)).send(undefined);
      },
    });

    async function sendTranscript(
      request: FastifyRequest<{ Params: { filename: string } }>,
      reply: FastifyReply,
      format: TranscriptFormat,
    ): Promise<FastifyReply> {
      const found = await getAudioFile(ports, request.caller, request.params.filename);
      const file = await settleLostTranscription(ports, found);
      const etag = format === 'json' ? revisionTag(file) : `"${file.revision}-${format}"`;
      const { kind } = evaluateConditions(request, { etag }, Date.now());
      if (kind === 'precondition_failed') {
        throw new AppError('precondition_failed', 'What is here is not what the request names.');
      }
      void reply.headers({ etag, 'cache-control': CACHE_CONTROL });
      if (kind === 'not_modified') return reply.code(304).send();
      const { transcript } = await withTranscript(ports, file);
      if (format === 'json') return reply.send(toWireTranscript({ file, transcript }));
      if (transcript === null) {
        throw new AppError('not_found', `There is no transcript of "${file.filename}".`);
      }
      const { mediaType, write } = TEXT_FORMATS[format];
      return reply.type(`${mediaType}; charset=utf-8`).send(write(transcript, file.durationMs));
    }
  };
