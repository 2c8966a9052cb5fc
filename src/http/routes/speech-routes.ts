import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { listVoices, orderSpeech } from '../../services/order-speech.ts';
import type { Ports } from '../../services/ports.ts';
import { describeEngines } from '../../services/speech-engines.ts';
import { goneSignal } from '../gone-signal.ts';
import { problems } from '../problem.ts';
import { answerRequest, requestAnswers, waitHeaders } from '../request-answer.ts';
import { enginesAnswer, speechOrderSchema, toWireEngines, voicesAnswer } from '../schemas/speech-schemas.ts';

/** 100,000 characters, each as two escapes of JSON. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** Text to speech: `POST /api/audio/generate-tts`, `GET /api/audio/tts/voices`; and which engines there are. */
export const speechRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    const describe = describeEngines(ports);

    app.route({
      method: 'POST',
      url: '/api/audio/generate-tts',
      bodyLimit: MAX_BODY_BYTES,
      schema: {
        tags: ['speech'],
        summary: 'Have a text spoken',
        description:
          'Into a file of the library, whose record is there, `processing`, when this answers. The text becomes its transcript. `Prefer: wait=N` waits for the end; a request that FAILED while it was waited for is answered with its problem. The result is `{filename, duration, characters}`.',
        headers: waitHeaders,
        body: speechOrderSchema,
        response: {
          ...requestAnswers,
          ...problems(
            'invalid_input',
            'unauthorized',
            'forbidden',
            'already_exists',
            'cancelled',
            'conflict',
            'not_found',
            'too_large',
            'unsupported_media',
            'engine_unavailable',
            'engine_refused',
            'engine_timeout',
            'storage_unavailable',
            'tool_unavailable',
            'insufficient_storage',
          ),
        },
      },
      handler: async (request, reply) => {
        const ordered = await orderSpeech(ports, request.caller, request.body);
        return answerRequest(ports, request, reply, ordered);
      },
    });

    app.route({
      method: 'GET',
      url: '/api/audio/tts/voices',
      schema: {
        tags: ['speech'],
        summary: 'The voices that there are',
        description: 'Of the engine that speaks on this server.',
        response: {
          200: voicesAnswer,
          ...problems(
            'unauthorized',
            'forbidden',
            'engine_unavailable',
            'engine_refused',
            'engine_timeout',
            'tool_unavailable',
          ),
        },
      },
      handler: async (request, reply) => {
        const { engine, voices, defaultVoice } = await listVoices(ports, request.caller, goneSignal(reply));
        return reply
          .header('cache-control', 'no-store')
          .send({ engine, default: defaultVoice, voices: [...voices] });
      },
    });

    app.route({
      method: 'GET',
      url: '/api/speech/engines',
      schema: {
        tags: ['speech'],
        summary: 'Which engines hear and speak',
        description:
          'And whether they answer: remote ones are asked, at no cost and at most every 10 seconds.',
        response: { 200: enginesAnswer, ...problems('unauthorized', 'forbidden') },
      },
      handler: async (request, reply) =>
        reply.header('cache-control', 'no-store').send(toWireEngines(await describe(request.caller))),
    });
  };
