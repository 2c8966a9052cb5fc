import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import type { StoredStream } from '../../domain/stream.ts';
import { exportStreams } from '../../services/export-streams.ts';
import { importStreams } from '../../services/import-streams.ts';
import type { Ports } from '../../services/ports.ts';
import { problems } from '../problem.ts';
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  exportAnswer,
  importAnswer,
  importBody,
  importQuery,
  toImportedStreams,
  toWireDefinition,
  toWireImport,
} from '../schemas/stream-transfer-schemas.ts';

/** What is larger is imported in several requests. */
const MAX_IMPORT_BYTES = 16 * 1024 * 1024;

/** Definitions on their way from one environment to another. */
export const streamTransferRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/streams/export',
      schema: {
        tags: ['streams'],
        summary: 'Export all definitions',
        description: 'What `import` takes. The audio is not in it.',
        response: { 200: exportAnswer, ...problems('unauthorized', 'forbidden', 'storage_unavailable') },
      },
      // The document is written as the definitions are read. The first page is read before the answer begins.
      handler: async (request, reply) => {
        const pages = exportStreams(ports, request.caller);
        return sendExport(reply, await pages.next(), pages);
      },
    });

    app.route({
      method: 'POST',
      url: '/api/streams/import',
      bodyLimit: MAX_IMPORT_BYTES,
      schema: {
        tags: ['streams'],
        summary: 'Import definitions',
        description:
          'Takes an export, the content of an old `*.json` definition, or a list of these. Each stands for itself: what became of it is in `results`. Files that the library does not have are kept in the queue and named.',
        querystring: importQuery,
        body: importBody,
        response: {
          200: importAnswer,
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'too_large',
            'storage_unavailable',
            'insufficient_storage',
          ),
        },
      },
      handler: async (request) => {
        const streams = toImportedStreams(request.body);
        return toWireImport(await importStreams(ports, request.caller, streams, request.query.on_conflict));
      },
    });
  };

function sendExport(reply: FastifyReply, ...pages: Parameters<typeof writeExport>): FastifyReply {
  return reply
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .header('content-disposition', 'attachment; filename="earshot-streams.json"')
    .send(Readable.from(writeExport(...pages), { objectMode: false }));
}

async function* writeExport(
  first: IteratorResult<readonly StoredStream[], void>,
  pages: AsyncIterator<readonly StoredStream[], void>,
): AsyncGenerator<string, void, undefined> {
  yield `{"format":"${EXPORT_FORMAT}","version":${EXPORT_VERSION},"streams":[`;
  let separator = '\n';
  for (let page = first; page.done !== true; page = await pages.next()) {
    for (const stream of page.value) {
      yield separator + JSON.stringify(toWireDefinition(stream));
      separator = ',\n';
    }
  }
  yield '\n]}\n';
}
