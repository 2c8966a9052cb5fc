import type { FastifyPluginAsync } from 'fastify';
import { AppError } from '../../domain/app-error.ts';
import type { PeerStates } from '../../domain/peer-gateway.ts';
import { isPeerMessage } from '../../services/peer-signature.ts';
import type { Ports } from '../../services/ports.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Between the instances of one server; not part of the interface. */
export const peerRoutes =
  (ports: Pick<Ports, 'hub' | 'localConnections' | 'secret' | 'clock'>): FastifyPluginAsync =>
  async (app) => {
    // The signature is over the bytes as they came.
    app.removeContentTypeParser('application/json');
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
      done(null, body),
    );
    app.route({
      method: 'POST',
      url: '/internal/request-states',
      bodyLimit: MAX_BODY_BYTES,
      config: { anonymous: true, idempotency: 'off' },
      schema: { hide: true },
      handler: async (request) => {
        const { 'x-earshot-signature': signature } = request.headers;
        const body = request.body as string;
        if (typeof signature !== 'string' || !isPeerMessage(ports.secret, body, signature, ports.clock())) {
          throw new AppError('unauthorized', 'This is for the other instances of this server.');
        }
        const states = JSON.parse(body) as PeerStates;
        for (const state of states.requests) ports.hub.receive(state);
        return { gone: states.connectionIds.filter((id) => !ports.localConnections.has(id)) };
      },
    });
  };
