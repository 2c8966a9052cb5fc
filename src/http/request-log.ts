import { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { randomFillSync } from 'node:crypto';
import { onFinished } from './finished-request.ts';
import { lazyLogger } from './lazy-logger.ts';

const ID_BYTES = 16;
/** For many ids: to ask the system for each takes longer than all else that is done for it. */
const randomness = Buffer.alloc(256 * ID_BYTES);
let usedBytes = randomness.length;

/** 128 random bits. What a client sends as its id is not taken over: it could not be trusted in the log. */
export function newRequestId(): string {
  if (usedBytes === randomness.length) {
    randomFillSync(randomness);
    usedBytes = 0;
  }
  usedBytes += ID_BYTES;
  return randomness.toString('base64url', usedBytes - ID_BYTES, usedBytes);
}

/** The names of query values that open something, however they are written. */
const SECRET_NAME = /(?:^|\W)(?:token|ticket|signature)$/i;

/** The page that shows what a playback link opens has its token in the path. */
const TOKEN_IN_PATH = /^(\/+listen\/+)[^/?#]+/i;

export function withoutSecrets(address: string): string {
  const url = address.replace(TOKEN_IN_PATH, '$1***');
  const queryAt = url.indexOf('?') + 1;
  if (queryAt === 0) return url;
  const query = url
    .slice(queryAt)
    .replace(/([^&#=]*)=[^&#]*/g, (pair, name: string) =>
      SECRET_NAME.test(decoded(name)) ? `${name}=***` : pair,
    );
  return url.slice(0, queryAt) + query;
}

// What cannot be decoded is no name that a route knows.
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Fastify's own lines about failures stay; its two lines per request are replaced by our one. */
class RequestLogController extends LogController {
  override incomingRequest(): void {}
  override requestCompleted(): void {}
  override routeNotFound(): void {}
}

export const logController = new RequestLogController({ requestIdLogLabel: 'request_id' });

const SERIALIZERS = {
  req: (request: { method?: string; url?: string }) => ({
    method: request.method,
    url: withoutSecrets(request.url ?? ''),
  }),
  res: (reply: { statusCode?: number }) => ({ status: reply.statusCode }),
};

/** Whatever the process's logger does with requests, here no header and no secret of a URL gets into a line. */
export const childLogger = (
  logger: FastifyBaseLogger,
  bindings: Record<string, unknown>,
  options: object,
): FastifyBaseLogger =>
  lazyLogger(() => logger.child(bindings, { ...options, serializers: SERIALIZERS }), logger.level);

/** One line per finished request, and its id in the answer. */
export function registerRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    done();
  });
  // Its fields are known, and none is a secret; to look for some in each line would be a tenth of a request's work.
  const log = app.log.child({}, { redact: [] });
  onFinished(app, ({ request, reply, ms, sentBytes, aborted }) => {
    log.info(
      {
        request_id: request.id,
        method: request.method,
        url: withoutSecrets(request.url),
        route: request.routeOptions.url ?? null,
        status: reply.statusCode,
        ms: Math.round(ms * 10) / 10,
        bytes: sentBytes,
        user_id: request.caller?.userId ?? null,
        aborted,
      },
      'request finished',
    );
  });
}
