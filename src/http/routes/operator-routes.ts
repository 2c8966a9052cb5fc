import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { getDiagnosis, type Diagnose } from '../../services/diagnosis.ts';
import type { BeginBackup } from '../../services/download-backup.ts';
import { attachment } from '../content-disposition.ts';
import { problems } from '../problem.ts';
import { diagnosisAnswer } from '../schemas/operator-schemas.ts';
import { sendEndless } from '../send-bytes.ts';
import type { SendOptions } from '../write-body.ts';

const tar = z.string().meta({ format: 'binary', examples: ['manifest.json …'] });

export interface OperatorOptions extends SendOptions {
  readonly version: string;
  readonly diagnose: Diagnose;
  readonly beginBackup: BeginBackup;
}

/** For those who run the service: how it is doing, and a copy of all that there is. */
export const operatorRoutes =
  (options: OperatorOptions): FastifyPluginAsyncZod =>
  async (app) => {
    app.route({
      method: 'GET',
      url: '/api/admin/diagnosis',
      schema: {
        tags: ['operations'],
        summary: 'What the server needs, and what is wrong with it',
        description:
          'What `earshot doctor` prints, of the server that runs. For administrators of the tenant `default`: it names paths. In functions: what `/ready` tells.',
        response: { 200: diagnosisAnswer, ...problems('unauthorized', 'forbidden') },
      },
      handler: async (request, reply) => {
        const { status, checks } = await getDiagnosis(options.diagnose, request.caller);
        const { version } = options;
        return reply
          .header('cache-control', 'no-store')
          .send({ version, node: process.versions.node, status, checks: [...checks] });
      },
    });

    app.route({
      method: 'GET',
      url: '/api/admin/backup',
      schema: {
        tags: ['operations'],
        summary: 'Download a backup',
        description:
          'The archive that `earshot backup` makes, for `earshot restore`: all tenants, with password hashes and the signing secret. It is written as it is read, without a length; the connection is cut where it cannot be made whole, and `restore` refuses what is cut off. For administrators of the tenant `default`. 409 while another one is under way, and in functions, whose answers are bounded: there, the command makes it.',
        produces: ['application/x-tar'],
        response: {
          200: { description: 'The archive.', content: { 'application/x-tar': { schema: tar } } },
          ...problems('unauthorized', 'forbidden', 'conflict', 'storage_unavailable'),
        },
      },
      handler: async (request, reply) => {
        const backup = options.beginBackup(request.caller);
        const source = {
          contentType: 'application/x-tar',
          headers: { 'content-disposition': attachment(backup.filename) },
          mayEnd: true,
          open: (signal: AbortSignal) => backup.open(signal),
        };
        return sendEndless(request, reply, source, options);
      },
    });
  };
