import type { FastifyRequest } from 'fastify';
import type { ListenerTraits } from '../services/shuffle-seed.ts';

/** What a request tells about who listens. */
export function traitsOf(request: FastifyRequest): ListenerTraits {
  const { token } = request.query as { token?: string };
  // Without one, the client has gone since it asked.
  const { ip = '' } = request as { ip?: string };
  return {
    credential: request.headers.authorization ?? token,
    // As TRUST_PROXY has it. A server that listens on IPv6 as well sees an IPv4 address mapped.
    address: ip.replace(/^::ffff:(?=\d+\.)/i, ''),
    userAgent: request.headers['user-agent'] ?? '',
  };
}
