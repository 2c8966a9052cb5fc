import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { Ports } from '../../services/ports.ts';
import {
  appendToQueue,
  emptyQueue,
  getQueue,
  removeFromQueue,
  reorderQueue,
  replaceQueue,
} from '../../services/stream-queue.ts';
import type { EditedQueue, QueueContent } from '../../services/stream-queue.ts';
import { problems } from '../problem.ts';
import { ifMatchGuard, revisionTag } from '../revision-tag.ts';
import {
  editedAnswer,
  guardHeaders,
  indexParams,
  queueBody,
  queueSchema,
  reorderBody,
  streamParams,
  toSettings,
  toWireQueue,
} from '../schemas/stream-schemas.ts';

const EDIT_PROBLEMS = problems(
  'invalid_input',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'precondition_failed',
  'too_large',
  'storage_unavailable',
  'insufficient_storage',
);

const UNKNOWN_FILES = 'Unknown files: 404 that names each in `errors` and in `details.missing`.';

/** The queue of one stream. Of edits made at the same time none is lost; `If-Match` refuses to edit anything newer. */
export const queueRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/streams/:name/queue',
      schema: {
        tags: ['streams'],
        summary: 'One queue',
        description: 'The `ETag` names the revision, for `If-Match` of an edit.',
        params: streamParams,
        response: {
          200: queueSchema,
          ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found', 'storage_unavailable'),
        },
      },
      handler: async (request, reply) => {
        const view = await getQueue(ports, request.caller, request.params.name);
        return reply.header('etag', revisionTag(view.stream)).send(toWireQueue(view));
      },
    });

    app.route({
      method: 'POST',
      url: '/api/streams/:name/queue',
      schema: {
        tags: ['streams'],
        summary: 'Append to a queue',
        description: `Creates the stream when there is none. ${UNKNOWN_FILES}`,
        params: streamParams,
        headers: guardHeaders,
        body: queueBody,
        response: { 200: editedAnswer, ...EDIT_PROBLEMS },
      },
      handler: async (request, reply) => {
        const { params, body } = request;
        const content = toContent(body);
        const edited = await appendToQueue(
          ports,
          request.caller,
          params.name,
          content,
          ifMatchGuard(request),
        );
        return sendEdited(reply, edited, `Added ${countFiles(body.files)} to "${params.name}".`);
      },
    });

    app.route({
      method: 'PUT',
      url: '/api/streams/:name/queue',
      schema: {
        tags: ['streams'],
        summary: 'Replace a queue',
        description: `Creates the stream when there is none. Settings that are absent stay. ${UNKNOWN_FILES}`,
        params: streamParams,
        headers: guardHeaders,
        body: queueBody,
        response: { 200: editedAnswer, 201: editedAnswer, ...EDIT_PROBLEMS },
      },
      handler: async (request, reply) => {
        const { params, body } = request;
        const content = toContent(body);
        const edited = await replaceQueue(ports, request.caller, params.name, content, ifMatchGuard(request));
        // RFC 9110, 9.3.4: a PUT that creates says so.
        void reply.code(edited.created ? 201 : 200);
        return sendEdited(reply, edited, `"${params.name}" now has ${countFiles(body.files)}.`);
      },
    });

    app.route({
      method: 'PUT',
      url: '/api/streams/:name/queue/reorder',
      schema: {
        tags: ['streams'],
        summary: 'Move one entry of a queue',
        params: streamParams,
        headers: guardHeaders,
        body: reorderBody,
        response: { 200: editedAnswer, ...EDIT_PROBLEMS },
      },
      handler: async (request, reply) => {
        const { old_index: oldIndex, new_index: newIndex } = request.body;
        const { name } = request.params;
        const edited = await reorderQueue(
          ports,
          request.caller,
          name,
          { oldIndex, newIndex },
          ifMatchGuard(request),
        );
        return sendEdited(reply, edited, `Moved entry ${oldIndex} to ${newIndex}.`);
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/streams/:name/queue/:index',
      schema: {
        tags: ['streams'],
        summary: 'Take one entry out of a queue',
        params: indexParams,
        headers: guardHeaders,
        response: { 200: editedAnswer, ...EDIT_PROBLEMS },
      },
      handler: async (request, reply) => {
        const { name, index } = request.params;
        const edited = await removeFromQueue(ports, request.caller, name, index, ifMatchGuard(request));
        return sendEdited(reply, edited, `Took entry ${index} out of "${name}".`);
      },
    });

    app.route({
      method: 'DELETE',
      url: '/api/streams/:name/queue',
      schema: {
        tags: ['streams'],
        summary: 'Empty a queue',
        description: 'The stream itself stays.',
        params: streamParams,
        headers: guardHeaders,
        response: { 200: editedAnswer, ...EDIT_PROBLEMS },
      },
      handler: async (request, reply) => {
        const { name } = request.params;
        const edited = await emptyQueue(ports, request.caller, name, ifMatchGuard(request));
        return sendEdited(reply, edited, `Emptied "${name}".`);
      },
    });
  };

function toContent(body: { files: string[] } & Parameters<typeof toSettings>[0]): QueueContent {
  return { files: body.files, ...toSettings(body) };
}

const countFiles = (files: readonly string[]): string =>
  files.length === 1 ? '1 file' : `${files.length} files`;

function sendEdited(reply: FastifyReply, edited: EditedQueue, message: string): FastifyReply {
  void reply.header('etag', revisionTag(edited.stream));
  return reply.send({ success: true, message, queue: toWireQueue(edited) });
}
