import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { AppError, ValidationError } from '../domain/app-error.ts';
import type { IdempotencyRecord } from '../domain/idempotency.ts';
import type { Ports } from '../services/ports.ts';
import { openAnswer, sealAnswer } from './sealed-answer.ts';
import './route-config.ts';

type IdempotencyPorts = Pick<Ports, 'idempotency' | 'clock' | 'secret'>;
type Answer = NonNullable<IdempotencyRecord['response']>;

/** From the answer on. */
const KEPT_MS = 24 * 3600 * 1000;
/** For an execution that never ends, because the process died: then the key is free again. */
const RUNNING_MS = 10 * 60 * 1000;
const KEPT_HEADERS = ['content-type', 'location', 'etag', 'preference-applied', 'cache-control'];

declare module 'fastify' {
  interface FastifyRequest {
    /** The record that waits for this request's answer. */
    idempotencyRecord: { readonly key: string; readonly clientKey: string } | null;
  }
}

/**
 * `Idempotency-Key` on POST (draft-ietf-httpapi-idempotency-key-header): kept per user and route. Routes take part
 * unless their `config.idempotency` says otherwise; see there.
 */
export function registerIdempotency(app: FastifyInstance, ports: IdempotencyPorts): void {
  app.decorateRequest('idempotencyRecord', null);
  app.addHook('preHandler', (request, reply, done) => {
    const rule = request.routeOptions.config.idempotency;
    const takesPart = request.method === 'POST' && rule !== 'own' && rule !== 'off';
    if (!takesPart || request.headers['idempotency-key'] === undefined) {
      done();
      return;
    }
    replayIdempotent(ports, request, reply, fingerprintOf(request.body)).then(
      (isAnswered) => {
        if (!isAnswered) done();
      },
      (error: unknown) => done(error as Error),
    );
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const record = request.idempotencyRecord;
    if (record === null) return payload;
    request.idempotencyRecord = null;
    const body = payload === null || payload === undefined ? '' : payload;
    if (typeof body !== 'string' || isToBeTriedAgain(reply)) await ports.idempotency.release(record.key);
    else await keep(ports, request, record, { status: reply.statusCode, headers: keptHeaders(reply), body });
    return payload;
  });
}

/**
 * Begins an execution under the request's `Idempotency-Key`, or answers with what the first one answered. What the
 * handler sends afterwards is kept by itself. For multipart, call it once all of the body is there.
 *
 * @param fingerprint whatever makes the body the same body; the path, its query and If-Match are added here
 * @returns whether the answer has been sent
 * @throws invalid_input for a malformed key; conflict when the key was used with another body, or is in use right now
 */
export async function replayIdempotent(
  ports: IdempotencyPorts,
  request: FastifyRequest,
  reply: FastifyReply,
  fingerprint: string,
): Promise<boolean> {
  const clientKey = request.headers['idempotency-key'];
  const { caller } = request;
  if (clientKey === undefined || caller === null) return false;
  if (typeof clientKey !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(clientKey)) {
    throw new ValidationError('Idempotency-Key', 'A key has 1 to 255 visible ASCII characters.');
  }
  const route = request.routeOptions.url ?? '';
  const key = sha256([caller.tenantId, caller.userId, route, clientKey]);
  const hashed = sha256([request.url, request.headers['if-match'] ?? null, fingerprint]);
  const before = await ports.idempotency.begin({
    key,
    fingerprint: hashed,
    expiresAtMs: ports.clock() + RUNNING_MS,
  });
  if (before === null) {
    request.idempotencyRecord = { key, clientKey };
    return false;
  }
  if (before.fingerprint !== hashed) {
    throw new AppError('conflict', 'This Idempotency-Key was used with another request.');
  }
  if (before.response === undefined) {
    throw new AppError('conflict', 'The first request with this Idempotency-Key is still running.', {
      details: { retry_after_s: 1 },
    });
  }
  const { status, headers, body } = before.response;
  const plain = isSecret(request) ? openAnswer(ports.secret, clientKey, body) : body;
  await reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(plain);
  return true;
}

/** @throws invalid_input for a body that nests deeper than can be written */
function fingerprintOf(body: unknown): string {
  try {
    return JSON.stringify(body ?? null);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError('invalid_input', 'The body is nested too deeply.', { cause: error });
  }
}

async function keep(
  ports: IdempotencyPorts,
  request: FastifyRequest,
  record: { readonly key: string; readonly clientKey: string },
  answer: Answer,
): Promise<void> {
  const body = isSecret(request) ? sealAnswer(ports.secret, record.clientKey, answer.body) : answer.body;
  await ports.idempotency.finish(record.key, { ...answer, body }, ports.clock() + KEPT_MS);
}

// An answer that a later try could better is not the answer for a day.
function isToBeTriedAgain(reply: FastifyReply): boolean {
  const { statusCode } = reply;
  return statusCode >= 500 || statusCode === 401 || statusCode === 403 || reply.hasHeader('retry-after');
}

function keptHeaders(reply: FastifyReply): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name);
    if (value !== undefined) kept[name] = String(value);
  }
  return kept;
}

const isSecret = (request: FastifyRequest): boolean => request.routeOptions.config.idempotency === 'secret';

const sha256 = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
