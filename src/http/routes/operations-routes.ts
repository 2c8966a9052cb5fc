import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { checkReadiness, type ReadinessCheck } from '../../services/check-readiness.ts';
import { problems } from '../problem.ts';

const check = z.looseObject({ status: z.enum(['ok', 'degraded', 'disabled', 'down']) });
const readiness = z
  .object({ status: z.enum(['ready', 'not_ready']), checks: z.record(z.string(), check) })
  .meta({
    id: 'Readiness',
    examples: [
      {
        status: 'ready',
        checks: {
          database: { status: 'ok' },
          objects: { status: 'ok' },
          streams: { status: 'ok', kind: 'file', persistent: true },
          queue: { status: 'ok', open: 0 },
          ffmpeg: { status: 'ok', kind: 'native', version: '7.1' },
          speech: {
            status: 'ok',
            stt: { kind: 'pocketsphinx', model: 'en-us' },
            tts: { kind: 'espeak', model: 'espeak-ng' },
          },
        },
      },
    ],
  });

export interface OperationsOptions {
  readonly version: string;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly metrics: () => Promise<{ contentType: string; text: string }>;
}

/** `/health`, `/ready`, `/metrics`, `/api/version`: open to whoever reaches the server; nothing in them is private. */
export const operationsRoutes =
  (options: OperationsOptions): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { anonymous: true, rateLimit: false } as const;

    app.route({
      method: 'GET',
      url: '/health',
      config,
      schema: {
        tags: ['operations'],
        summary: 'Is the process up',
        response: {
          200: z.object({ status: z.literal('ok') }).meta({ examples: [{ status: 'ok' }] }),
          ...problems(),
        },
      },
      handler: async (_request, reply) => {
        reply.header('cache-control', 'no-store');
        return { status: 'ok' as const };
      },
    });

    app.route({
      method: 'GET',
      url: '/ready',
      config,
      schema: {
        tags: ['operations'],
        summary: 'Are its dependencies up',
        description: '503 when one is down. `degraded` and `disabled` do not make it unready.',
        response: { 200: readiness, 503: readiness, ...problems() },
      },
      handler: async (request, reply) => {
        const { ready, checks } = await checkReadiness(options.checks, (name, error) => {
          request.log.warn({ check: name, err: error }, 'a dependency is down');
        });
        reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
        const wire = Object.entries(checks).map(([name, report]) => [name, { ...report }] as const);
        return {
          status: ready ? ('ready' as const) : ('not_ready' as const),
          checks: Object.fromEntries(wire),
        };
      },
    });

    app.route({
      method: 'GET',
      url: '/metrics',
      config,
      schema: {
        tags: ['operations'],
        summary: 'Metrics for Prometheus',
        response: {
          200: {
            description: 'In the text format of Prometheus.',
            content: {
              'text/plain': { schema: z.string().meta({ examples: ['earshot_http_open_requests 1'] }) },
            },
          },
          ...problems(),
        },
      },
      handler: async (_request, reply) => {
        const { contentType, text } = await options.metrics();
        return reply.type(contentType).send(text);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/version',
      config,
      schema: {
        tags: ['operations'],
        summary: 'Which version runs',
        response: {
          200: z.object({ name: z.literal('earshot'), version: z.string().meta({ examples: ['0.1.0'] }) }),
          ...problems(),
        },
      },
      handler: async () => ({ name: 'earshot' as const, version: options.version }),
    });
  };
