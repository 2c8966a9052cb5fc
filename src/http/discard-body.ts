import type { FastifyRequest } from 'fastify';

/** For clients that look at the answer only when all is sent, or when what they send is not taken any more. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_MS = 30_000;

/**
 * After a refusal: lets the rest of the body flow away, so that a client that is still sending comes to read its
 * answer. Of one that goes on for too long the connection is cut.
 */
export function discardBody({ raw: body }: FastifyRequest): void {
  if (body.complete || body.destroyed) return;
  let discardedBytes = 0;
  const timer = setTimeout(() => body.destroy(), MAX_MS).unref();
  for (const event of ['end', 'close'] as const) body.once(event, () => clearTimeout(timer));
  body.unpipe();
  body.on('data', (chunk: Uint8Array) => {
    discardedBytes += chunk.byteLength;
    if (discardedBytes > MAX_DISCARDED_BYTES) body.destroy();
  });
  body.resume();
}
