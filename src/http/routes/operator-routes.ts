import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { getDiagnosis, type Diagnose } from '../../services/diagnosis.ts';
import { problems } from '../problem.ts';
import { diagnosisAnswer } from '../schemas/operator-schemas.ts';

export interface OperatorOptions {
  readonly version: string;
  readonly diagnose: Diagnose;
}

/** For those who run the service: how it is doing. */
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
  };
