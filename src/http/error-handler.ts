import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import type { Duplex } from 'node:stream';
import { STATUS_CODES } from 'node:http';
import { AppError, type ErrorCode, type FieldError } from '../domain/app-error.ts';
import type { AllowedMethods } from './known-paths.ts';
import { PROBLEM_CONTENT_TYPE, problemHeaders, STATUS, toProblem } from './problem.ts';

/** What Fastify refuses before a handler runs, by its own codes; the text may be shown. */
const FRAMEWORK_ERRORS: Readonly<Record<string, readonly [ErrorCode, string, number?]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too_large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media', 'This route does not take bodies of this type.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: ['invalid_input', 'The body is empty; JSON was announced.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['invalid_input', 'The body is not JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_input', 'The body is not as long as its Content-Length.'],
  FST_ERR_BAD_URL: ['invalid_input', 'The path is not a valid URL.'],
  FST_ERR_MAX_PARAM_LENGTH: ['invalid_input', 'A name in the path is too long.', 414],
  FST_ERR_ASYNC_CONSTRAINT: ['invalid_input', 'This request cannot be routed.'],
};

const DESCRIPTIVE_HEADERS = ['content-length', 'etag', 'last-modified', 'content-disposition'];

/** Every error leaves as problem+json; only what is ours to fix is logged as an error. */
export function registerErrorHandling(app: FastifyInstance, allowedMethods: AllowedMethods = () => []): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const methods = allowedMethods(request.url.split('?', 1)[0] ?? '');
    // A handler may find nothing where the route is right: a file of a directory.
    if (methods.length === 0 || methods.includes(request.method)) {
      return sendProblem(new AppError('not_found', 'There is no such route.'), request, reply);
    }
    const message = `This path takes ${methods.join(', ')}.`;
    // RFC 9110, 15.5.6
    reply.header('allow', methods.join(', '));
    return sendProblem(new AppError('method_not_allowed', message), request, reply);
  });
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [known, status] = toAppError(isBrokenOff(error, request) ? brokenOff(error) : error);
  if (known.code === 'internal') request.log.error({ err: error }, 'request failed');
  else if (status >= 500) request.log.warn({ err: error, code: known.code }, 'request failed');
  // A header that was meant for the answer which did not come about must not describe this one.
  for (const name of DESCRIPTIVE_HEADERS) reply.removeHeader(name);
  if (status !== 416) reply.removeHeader('content-range');
  return reply
    .code(status)
    .headers({ ...problemHeaders(known), 'cache-control': 'no-store' })
    .type(PROBLEM_CONTENT_TYPE)
    .send(JSON.stringify(toProblem(known, request.id, status)));
}

// Nobody reads this answer: the client has gone.
const brokenOff = (cause: unknown): AppError =>
  new AppError('invalid_input', 'The body ends early.', { cause });

const isBrokenOff = (error: unknown, { raw }: FastifyRequest): boolean =>
  error !== null && error === raw.errored;

function toAppError(error: unknown): [AppError, number] {
  if (error instanceof AppError) return [error, STATUS[error.code]];
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map((issue) => fieldError(issue, error.validationContext));
    const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    return [new AppError('invalid_input', detail.slice(0, 1000), { cause: error, errors }), 400];
  }
  const code = (error as Partial<FastifyError> | null)?.code;
  const framework = code === undefined ? undefined : FRAMEWORK_ERRORS[code];
  if (framework !== undefined) {
    const [ours, message, status = STATUS[ours]] = framework;
    return [new AppError(ours, message, { cause: error }), status];
  }
  return [new AppError('internal', 'Something went wrong on our side.', { cause: error }), 500];
}

interface ValidationIssue {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params: Record<string, unknown>;
}

/** `/files/3` becomes `files[3]`; a problem of the whole is told of by its place: `body`. */
function fieldError(issue: ValidationIssue, context: string | undefined): FieldError {
  const unknownKeys = issue.keyword === 'unrecognized_keys' ? issue.params['keys'] : undefined;
  const path = issue.instancePath.split('/').filter((segment) => segment !== '');
  if (Array.isArray(unknownKeys) && typeof unknownKeys[0] === 'string') path.push(unknownKeys[0]);
  const field = path.reduce(
    (text, segment) =>
      /^\d+$/.test(segment) ? `${text}[${segment}]` : text === '' ? segment : `${text}.${segment}`,
    '',
  );
  return { field: field === '' ? (context ?? 'body') : field, message: issue.message ?? 'Not valid.' };
}

/** What Node could not read as HTTP at all: there is no request, so the answer is written by hand. */
export function answerClientError(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message]: [number, ErrorCode, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'too_large', 'The URL and headers are too long.']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'invalid_input', 'The request did not arrive in time.']
        : [400, 'invalid_input', 'This is not valid HTTP.'];
  const body = JSON.stringify(toProblem(new AppError(code, message), 'none', status));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: ${PROBLEM_CONTENT_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
