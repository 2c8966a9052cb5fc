import type { FastifyInstance } from 'fastify';

export interface RequestTimes {
  /** Within which a body has come, from its first byte to its last; uploads take as long as they take. */
  readonly bodyMs: number;
  /** A connection on which nothing moves in either direction for so long is cut. */
  readonly idleMs: number;
}

/** Idle: longer than anything that an answer waits for. Headers have Node's own limit of 60 s. */
export const DEFAULT_REQUEST_TIMES: RequestTimes = { bodyMs: 60_000, idleMs: 300_000 };

/** Cuts clients off that send their body a few bytes at a time: each would hold a connection as long as it likes. */
export function cutSlowBodies(app: FastifyInstance, bodyMs: number): void {
  app.addHook('preParsing', async (request) => {
    const body = request.raw;
    const isUpload = request.headers['content-type']?.startsWith('multipart/') === true;
    if (body.complete || isUpload) return;
    const timer = setTimeout(() => body.socket.destroy(), bodyMs);
    timer.unref();
    for (const event of ['end', 'close'] as const) body.once(event, () => clearTimeout(timer));
  });
}
