import type { FastifyReply } from 'fastify';

/** Aborted when the connection closes, whether all was sent or the client went away: nobody waits any more. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  if (reply.raw.destroyed) gone.abort();
  else reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
