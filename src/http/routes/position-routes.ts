import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Position } from '../../domain/position.ts';
import { getPosition, savePosition, type PositionKind } from '../../services/playback-position.ts';
import type { Ports } from '../../services/ports.ts';
import { problems } from '../problem.ts';
import { fileParams, positionAnswer, positionBody } from '../schemas/audio-schemas.ts';
import { toWireTime } from '../schemas/paging.ts';

const streamParams = z.object({ name: z.string().meta({ examples: ['my-story'] }) });

/** Where the calling user stopped listening to a file or a stream, on whichever device. */
export const positionRoutes =
  (ports: Ports): FastifyPluginAsyncZod =>
  async (app) => {
    addRoutes('file', 'audio', '/api/audio/:filename/position', fileParams, (params) => params.filename);
    addRoutes('stream', 'streams', '/api/streams/:name/position', streamParams, (params) => params.name);

    function addRoutes<Params extends z.ZodType>(
      kind: PositionKind,
      tag: string,
      url: string,
      params: Params,
      nameOf: (params: z.output<Params>) => string,
    ): void {
      const answers = {
        200: positionAnswer,
        ...problems('invalid_input', 'unauthorized', 'forbidden', 'not_found'),
      };
      app.route({
        method: 'GET',
        url,
        schema: {
          tags: [tag],
          summary: `Where the caller stopped in a ${kind}`,
          description: '404 when nothing is stored yet.',
          params,
          response: answers,
        },
        handler: async (request) =>
          toWirePosition(
            await getPosition(ports, request.caller, kind, nameOf(request.params as z.output<Params>)),
          ),
      });
      app.route({
        method: 'PUT',
        url,
        schema: {
          tags: [tag],
          summary: `Remember where the caller stopped in a ${kind}`,
          params,
          body: positionBody,
          response: answers,
        },
        handler: async (request) =>
          toWirePosition(
            await savePosition(
              ports,
              request.caller,
              kind,
              nameOf(request.params as z.output<Params>),
              request.body.position_s * 1000,
            ),
          ),
      });
    }
  };

const toWirePosition = (position: Position): z.output<typeof positionAnswer> => ({
  position_s: position.positionMs / 1000,
  updated_at: toWireTime(position.updatedAtMs),
});
