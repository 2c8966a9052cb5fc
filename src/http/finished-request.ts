import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface FinishedRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly ms: number;
  /** What went out for it, headers included, as far as the connection took it. */
  readonly sentBytes: number;
  /** The client went away before it had all. */
  readonly aborted: boolean;
}

type Listener = (finished: FinishedRequest) => void;

interface Watched {
  readonly listeners: Listener[];
  openCount: number;
}

const watchedApps = new WeakMap<FastifyInstance, Watched>();

/**
 * Calls `listener` once for every request that comes in, when nothing more goes out for it. Fastify's own `onResponse`
 * is not called when a client goes away, which is how most listening ends.
 */
export function onFinished(app: FastifyInstance, listener: Listener): void {
  watchedOf(app).listeners.push(listener);
}

/**
 * The requests that have come in and not finished. Counted where their end is seen: a request that one `onRequest` hook
 * refuses never reaches the next, and so a later hook's count would sink below zero.
 */
export const countOpenRequests = (app: FastifyInstance): number => watchedOf(app).openCount;

function watchedOf(app: FastifyInstance): Watched {
  const known = watchedApps.get(app);
  if (known !== undefined) return known;
  const watched: Watched = { listeners: [], openCount: 0 };
  watchedApps.set(app, watched);
  // A callback: a promise of each hook is a turn for every request.
  app.addHook('onRequest', (request, reply, done) => {
    watch(request, reply, watched);
    done();
  });
  return watched;
}

function watch(request: FastifyRequest, reply: FastifyReply, watched: Watched): void {
  watched.openCount += 1;
  const startedAtMs = performance.now();
  const sentBefore = bytesWritten(request);
  let open = true;
  const finish = (aborted: boolean): void => {
    if (!open) return;
    open = false;
    watched.openCount -= 1;
    const ms = performance.now() - startedAtMs;
    const sentBytes = bytesWritten(request) - sentBefore;
    for (const listener of watched.listeners) listener({ request, reply, ms, sentBytes, aborted });
  };
  reply.raw.once('finish', () => {
    finish(false);
  });
  reply.raw.once('close', () => {
    finish(true);
  });
  // It may have closed while hooks before this one were at work.
  if (reply.raw.destroyed) finish(true);
}

// A request that is injected has no real socket, and so no count.
const bytesWritten = (request: FastifyRequest): number => request.raw.socket.bytesWritten || 0;
