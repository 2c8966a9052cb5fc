import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Policy, Ports } from '../../services/ports.ts';
import {
  getStreamFileChapters,
  getStreamFileCover,
  getStreamFileTranscript,
  playStreamFile,
} from '../../services/stream-file.ts';
import { cacheScope } from '../cache-scope.ts';
import { CHAPTERS_TYPE } from '../podcast-feed.ts';
import { beyondFile } from '../beyond-playback.ts';
import { presignedUrl } from '../presigned-redirect.ts';
import { problems } from '../problem.ts';
import { fileParams } from '../schemas/audio-schemas.ts';
import { chaptersAnswer, toWireChapters } from '../schemas/file-details-schemas.ts';
import { streamParams } from '../schemas/stream-schemas.ts';
import { sendBytes, type SendableBytes } from '../send-bytes.ts';
import { sendText } from '../send-text.ts';
import { TEXT_FORMATS } from '../transcript-format.ts';
import type { SendOptions } from '../write-body.ts';
import type { FastifyRequest } from 'fastify';

const params = streamParams.extend(fileParams.shape);
const querystring = z.object({ token: z.string().optional().meta({ description: 'Of a playback link.' }) });
const binary = { schema: z.string().meta({ format: 'binary' }) };
const picture = { 'image/jpeg': binary, 'image/png': binary, 'image/webp': binary, 'image/gif': binary };
const notModified = z.undefined().describe('The client has it.');

const PROBLEMS = problems(
  'invalid_input',
  'unauthorized',
  'forbidden',
  'not_found',
  'not_ready',
  'missing_part',
  'conflict',
  'precondition_failed',
  'storage_unavailable',
);
const RANGE_PROBLEMS = problems('range_not_satisfiable');

const cacheControl = (request: FastifyRequest, policy: Policy, maxAgeS: number): string =>
  `${cacheScope(request, policy, false)}, max-age=${maxAgeS}`;
const HOUR_S = 3600;

/** Files of a stream's queue, and what belongs to them, for whoever may hear the stream: a feed's links lead here. */
export const streamFileRoutes =
  (ports: Ports, options: SendOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const url = '/api/streams/:name/files/:filename';
    const config = { playback: true };

    app.route({
      method: ['GET', 'HEAD'],
      url,
      config,
      schema: {
        tags: ['streams'],
        summary: 'Play one file of a queue',
        description: 'The playable MP3, as under `/api/audio`; a link to the stream opens it.',
        params,
        querystring,
        produces: ['audio/mpeg'],
        response: {
          200: { description: 'All of it.', content: { 'audio/mpeg': binary } },
          206: { description: 'The range.', content: { 'audio/mpeg': binary } },
          304: notModified,
          307: z.undefined().describe('With `PRESIGNED_PLAYBACK`: it is read there, from the bucket.'),
          ...PROBLEMS,
          ...RANGE_PROBLEMS,
        },
      },
      handler: async (request, reply) => {
        const { name, filename } = request.params;
        const playback = await playStreamFile(ports, request.caller, name, filename, { original: false });
        const url = await presignedUrl(ports, request, playback, { contentType: 'audio/mpeg' });
        // For this listener alone, and not for as long as a cache might keep it.
        if (url !== null) return reply.header('cache-control', 'private, no-store').redirect(url, 307);
        const source: SendableBytes = {
          totalBytes: playback.sizeBytes,
          contentType: 'audio/mpeg',
          cacheControl: cacheControl(request, ports.policy, HOUR_S),
          etag: `"${playback.etag}"`,
          lastModifiedMs: playback.modifiedAtMs,
          open: (range, signal) => playback.read(range, signal),
          findHeld: (range, enoughBytes) => playback.findHeld(range, enoughBytes),
          giveBack: (chunk) => ports.pieces.giveBack(chunk),
          beyond: beyondFile(ports, request, reply, playback, { contentType: 'audio/mpeg' }),
        };
        return sendBytes(request, reply, source, options);
      },
    });

    app.route({
      method: ['GET', 'HEAD'],
      url: `${url}/cover`,
      config,
      schema: {
        tags: ['streams'],
        summary: 'Cover art of one file of a queue',
        params,
        querystring,
        produces: Object.keys(picture),
        response: {
          200: { description: 'The picture.', content: picture },
          206: { description: 'The range.', content: picture },
          304: notModified,
          ...PROBLEMS,
          ...RANGE_PROBLEMS,
        },
      },
      handler: async (request, reply) => {
        const { name, filename } = request.params;
        const cover = await getStreamFileCover(ports, request.caller, name, filename);
        return sendBytes(request, reply, {
          totalBytes: cover.sizeBytes,
          contentType: cover.mediaType,
          cacheControl: cacheControl(request, ports.policy, HOUR_S),
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

    for (const format of ['vtt', 'srt'] as const) {
      const { mediaType, write } = TEXT_FORMATS[format];
      app.route({
        method: ['GET', 'HEAD'],
        url: `${url}/transcript.${format}`,
        config,
        schema: {
          tags: ['streams'],
          summary: `Transcript of one file of a queue, as ${mediaType}`,
          params,
          querystring,
          produces: [mediaType],
          response: {
            200: { description: 'The transcript.', content: { [mediaType]: { schema: z.string() } } },
            304: notModified,
            ...PROBLEMS,
          },
        },
        handler: async (request, reply) => {
          const { name, filename } = request.params;
          const { file, transcript } = await getStreamFileTranscript(ports, request.caller, name, filename);
          return sendText(request, reply, {
            text: write(transcript, file.durationMs),
            contentType: `${mediaType}; charset=utf-8`,
            cacheControl: `${cacheScope(request, ports.policy, false)}, no-cache`,
          });
        },
      });
    }

    app.route({
      method: ['GET', 'HEAD'],
      url: `${url}/chapters.json`,
      config,
      schema: {
        tags: ['streams'],
        summary: 'Chapters of one file of a queue',
        description: 'As Podcasting 2.0 has them.',
        params,
        querystring,
        produces: [CHAPTERS_TYPE],
        response: {
          200: { description: 'The chapters.', content: { [CHAPTERS_TYPE]: { schema: chaptersAnswer } } },
          304: notModified,
          ...PROBLEMS,
        },
      },
      handler: async (request, reply) => {
        const { name, filename } = request.params;
        const chapters = await getStreamFileChapters(ports, request.caller, name, filename);
        return sendText(request, reply, {
          text: JSON.stringify(toWireChapters(chapters)),
          contentType: CHAPTERS_TYPE,
          cacheControl: `${cacheScope(request, ports.policy, false)}, no-cache`,
        });
      },
    });
  };
