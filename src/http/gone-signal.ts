import type { FastifyReply } from 'fastify';
import { AppError } from '../domain/app-error.ts';

/** One for all: an error of its own for each listener who goes would be made with a stack each. */
const GONE = new AppError('aborted', 'The client has gone.');

const signals = new WeakMap<FastifyReply, AbortSignal>();

/**
 * Aborted when the connection closes before all was sent: nobody waits any more. The same signal whenever it is asked
 * for of one reply.
 */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const known = signals.get(reply);
  if (known !== undefined) return known;
  const gone = new AbortController();
  const { raw } = reply;
  if (raw.destroyed) gone.abort(GONE);
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(GONE);
  });
  signals.set(reply, gone.signal);
  return gone.signal;
}
