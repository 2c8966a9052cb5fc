import { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';

/** 128 random bits. What a client sends as its id is not taken over: it could not be trusted in the log. */
export const newRequestId = (): string => randomBytes(16).toString('base64url');

/** Query values that open something. */
const SECRET_QUERY = /([?&](?:token|ticket)=)[^&#]*/gi;

export const withoutSecrets = (url: string): string => url.replace(SECRET_QUERY, '$1***');

/** Fastify's own lines about failures stay; its two lines per request are replaced by our one. */
class RequestLogController extends LogController {
  override incomingRequest(): void {}
  override requestCompleted(): void {}
  override routeNotFound(): void {}
}

export const logController = new RequestLogController({ requestIdLogLabel: 'request_id' });

/** Whatever the process's logger does with requests, here no header and no secret of a URL gets into a line. */
export function childLogger(
  logger: FastifyBaseLogger,
  bindings: Record<string, unknown>,
  options: object,
): FastifyBaseLogger {
  const serializers = {
    req: (request: { method?: string; url?: string }) => ({
      method: request.method,
      url: withoutSecrets(request.url ?? ''),
    }),
    res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
  };
  return logger.child(bindings, { ...options, serializers });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** What the connection had sent before this request, so that its share can be told. */
    sentBytesBefore: number;
  }
}

/** Bytes that went out for this request, headers included, as far as the connection took them. */
export const sentBytes = (request: FastifyRequest): number =>
  (request.raw.socket.bytesWritten || 0) - request.sentBytesBefore;

/** One line per finished request, and its id in the answer. */
export function registerRequestLog(app: FastifyInstance): void {
  app.decorateRequest('sentBytesBefore', 0);
  app.addHook('onRequest', async (request, reply) => {
    request.sentBytesBefore = request.raw.socket.bytesWritten || 0;
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.info(
      {
        method: request.method,
        url: withoutSecrets(request.url),
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        bytes: sentBytes(request),
        user_id: request.caller?.userId ?? null,
        aborted: !reply.raw.writableFinished,
      },
      'request finished',
    );
  });
}
