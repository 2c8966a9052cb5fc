import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ValidationError } from '../../domain/app-error.ts';
import { getAudioFileDetails, listAudioFiles, searchAudioFiles } from '../../services/audio-files.ts';
import { deleteAudio } from '../../services/delete-audio.ts';
import { editAudio } from '../../services/edit-audio.ts';
import type { Ports } from '../../services/ports.ts';
import { baseUrlOf, type LinkOptions } from '../base-url.ts';
import { pageFooter, toPageRequest } from '../cursor.ts';
import { problems } from '../problem.ts';
import { ifMatchGuard, revisionTag } from '../revision-tag.ts';
import {
  deleteQuery,
  editBody,
  fileParams,
  listAnswer,
  listQuery,
  searchAnswer,
  searchQuery,
  toWireFile,
} from '../schemas/audio-schemas.ts';
import { fileInfoSchema, toWireFileInfo } from '../schemas/file-details-schemas.ts';
import { toSeconds } from '../schemas/stream-schemas.ts';

/** What the library says about its files. */
export const libraryRoutes =
  (ports: Ports, options: LinkOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/audio/list',
      schema: {
        tags: ['audio'],
        summary: 'List the library',
        querystring: listQuery,
        response: { 200: listAnswer, ...problems('invalid_input', 'unauthorized', 'forbidden') },
      },
      handler: async (request) => {
        const { sort, status: state } = request.query;
        const binding = { tenant: request.caller?.tenantId, sort, state };
        const page = await listAudioFiles(ports, request.caller, {
          ...toPageRequest(ports.secret, 'audio', binding, request.query),
          sort,
          state,
        });
        const baseUrl = baseUrlOf(request, options);
        return {
          files: page.items.map((file) => toWireFile(file, baseUrl)),
          ...pageFooter(ports.secret, 'audio', binding, page),
        };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/audio/search',
      schema: {
        tags: ['audio'],
        summary: 'Search the library',
        description:
          'Every word must be found, as the beginning of a word, in title, name, tags, description or transcript. What is found in the transcript alone comes last; `start_s` is where `from=` plays it.',
        querystring: searchQuery,
        response: { 200: searchAnswer, ...problems('invalid_input', 'unauthorized', 'forbidden') },
      },
      handler: async (request) => {
        const { query, q, limit } = request.query;
        const text = query ?? q;
        if (text === undefined) throw new ValidationError('query', 'Say what to search for.');
        const found = await searchAudioFiles(ports, request.caller, text, limit);
        const baseUrl = baseUrlOf(request, options);
        const results = found.map(({ file, matches }) => ({
          ...toWireFile(file, baseUrl),
          matches: matches.map(({ field, snippet, startMs }) => ({
            field,
            snippet,
            ...(startMs !== undefined && { start_s: toSeconds(startMs) }),
          })),
        }));
        return { query: text, results, count: results.length };
      },
    });

    app.route({
      method: 'GET',
      url: '/api/audio/:filename/info',
      schema: {
        tags: ['audio'],
        summary: 'One file',
        description: 'The `ETag` names the revision, for `If-Match` of an edit.',
        params: fileParams,
        response: {
          200: fileInfoSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
        },
      },
      handler: async (request, reply) => {
        const details = await getAudioFileDetails(ports, request.caller, request.params.filename);
        const info = toWireFileInfo(details, baseUrlOf(request, options));
        return reply.header('etag', revisionTag(details.file)).send(info);
      },
    });

    app.route({
      method: 'PATCH',
      url: '/api/audio/:filename/info',
      schema: {
        tags: ['audio'],
        summary: 'Edit title, description, tags',
        description: 'What is absent stays. `If-Match` guards against a lost update.',
        params: fileParams,
        headers: z.object({
          'if-match': z
            .string()
            .optional()
            .meta({ examples: ['"3"'] }),
        }),
        body: editBody,
        response: {
          200: fileInfoSchema,
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'not_found',
            'conflict',
            'precondition_failed',
          ),
        },
      },
      handler: async (request, reply) => {
        const details = await editAudio(
          ports,
          request.caller,
          request.params.filename,
          request.body,
          ifMatchGuard(request),
        );
        const info = toWireFileInfo(details, baseUrlOf(request, options));
        return reply.header('etag', revisionTag(details.file)).send(info);
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/audio/:filename',
      schema: {
        tags: ['audio'],
        summary: 'Delete a file',
        description:
          'With its links and positions. Others’ files are for administrators. A file that streams use answers 409 with `details.streams`, unless `force=1`.',
        params: fileParams,
        querystring: deleteQuery,
        response: {
          204: z.undefined().describe('It is gone.'),
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'in_use'),
        },
      },
      handler: async (request, reply) => {
        await deleteAudio(ports, request.caller, request.params.filename, request.query.force);
        return reply.code(204).send();
      },
    });
  };
