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

const listenersOf = new WeakMap<FastifyInstance, Listener[]>();

/**
 * Calls `listener` once for every request that comes in, when nothing more goes out for it. Fastify's own `onResponse`
 * is not called when a client goes away, which is how most listening ends.
 */
export function onFinished(app: FastifyInstance, listener: Listener): void {
  const known = listenersOf.get(app);
  if (known !== undefined) {
    known.push(listener);
    return;
  }
  const listeners = [listener];
  listenersOf.set(app, listeners);
  // A callback: a promise of each hook is a turn for every request.
  app.addHook('onRequest', (request, reply, done) => {
    watch(request, reply, listeners);
    done();
  });
}

function watch(request: FastifyRequest, reply: FastifyReply, listeners: readonly Listener[]): void {
  const startedAtMs = performance.now();
  const sentBefore = bytesWritten(request);
  let open = true;
  const finish = (aborted: boolean): void => {
    if (!open) return;
    open = false;
    const ms = performance.now() - startedAtMs;
    const sentBytes = bytesWritten(request) - sentBefore;
    for (const listener of listeners) listener({ request, reply, ms, sentBytes, aborted });
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
