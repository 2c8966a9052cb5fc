import { AppError, type AppErrorOptions, type ErrorCode } from '../domain/app-error.ts';
import { problemSchema, type Problem } from './schemas/problem.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8';

/** The one place where a code becomes a status. */
export const STATUS = {
  not_found: 404,
  already_exists: 409,
  invalid_input: 400,
  method_not_allowed: 405,
  unauthorized: 401,
  forbidden: 403,
  rate_limited: 429,
  too_large: 413,
  unsupported_media: 415,
  conflict: 409,
  in_use: 409,
  not_ready: 409,
  missing_part: 409,
  precondition_failed: 412,
  range_not_satisfiable: 416,
  lease_lost: 409,
  aborted: 503,
  cancelled: 409,
  storage_unavailable: 503,
  insufficient_storage: 507,
  tool_unavailable: 503,
  no_speech: 422,
  engine_unavailable: 503,
  engine_refused: 502,
  engine_timeout: 504,
  internal: 500,
} as const satisfies Record<ErrorCode, number>;

const TITLE: Record<ErrorCode, string> = {
  not_found: 'Not found',
  already_exists: 'Already exists',
  invalid_input: 'Invalid input',
  method_not_allowed: 'Method not allowed',
  unauthorized: 'Not logged in',
  forbidden: 'Not allowed',
  rate_limited: 'Too many requests',
  too_large: 'Too large',
  unsupported_media: 'Unsupported media',
  conflict: 'Conflict',
  in_use: 'In use',
  not_ready: 'Not ready yet',
  missing_part: 'A part is missing',
  precondition_failed: 'Changed in the meantime',
  range_not_satisfiable: 'Range not satisfiable',
  lease_lost: 'Taken over by another worker',
  aborted: 'Broken off',
  cancelled: 'Cancelled',
  storage_unavailable: 'Storage unavailable',
  insufficient_storage: 'Storage full',
  tool_unavailable: 'A tool is unavailable',
  no_speech: 'Nothing is said',
  engine_unavailable: 'The speech engine is unavailable',
  engine_refused: 'The speech engine refuses',
  engine_timeout: 'The speech engine takes too long',
  internal: 'Internal error',
};

/** An error that tells whoever asks more than the log: addresses that let everybody in who has them. */
export class ConfidingError extends AppError {
  /** Not a property, which the log would show. */
  readonly #confided: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: AppErrorOptions,
    confided: Readonly<Record<string, unknown>>,
  ) {
    super(code, message, options);
    this.#confided = confided;
  }

  get confided(): Readonly<Record<string, unknown>> {
    return this.#confided;
  }
}

/**
 * The answer to an error. What is not an AppError says nothing about itself: its text may hold paths and names.
 * @param status another status than the code's own, for what HTTP itself refuses (431, 414)
 */
export function toProblem(error: AppError, requestId: string, status: number = STATUS[error.code]): Problem {
  const details = { ...error.details, ...(error instanceof ConfidingError && error.confided) };
  return {
    type: `urn:earshot:error:${error.code}`,
    title: TITLE[error.code],
    status,
    detail: error.message,
    instance: `urn:earshot:request:${requestId}`,
    code: error.code,
    ...(error.errors.length > 0 ? { errors: error.errors.map((each) => ({ ...each })) } : {}),
    ...(Object.keys(details).length > 0 ? { details } : {}),
  };
}

/**
 * Headers that an error's status asks for: a challenge (RFC 9110, 11.6.1), or when to come again (10.2.3).
 * `details.retry_after_s` of the error decides the latter.
 */
export function problemHeaders(error: AppError): Record<string, string> {
  const headers: Record<string, string> = {};
  if (error.code === 'unauthorized') headers['www-authenticate'] = 'Bearer realm="earshot"';
  const seconds = error.details['retry_after_s'] ?? defaultRetryAfterS(error.code);
  if (typeof seconds === 'number') headers['retry-after'] = String(Math.max(0, Math.ceil(seconds)));
  return headers;
}

function defaultRetryAfterS(code: ErrorCode): number | undefined {
  if (code === 'not_ready') return 2;
  if (code === 'rate_limited') return 60;
  return STATUS[code] === 503 ? 5 : undefined;
}

export interface ProblemResponse {
  readonly description: string;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } };
}

type ProblemResponses<Code extends ErrorCode> = {
  readonly [Each in Code as (typeof STATUS)[Each]]: ProblemResponse;
};

/**
 * The error responses of a route, for its schema: `response: { 200: …, ...problems('unauthorized', 'not_found') }`.
 * Codes that share a status share its entry. Every route can answer 429 and 500; they are always there.
 */
export function problems<const Codes extends readonly ErrorCode[]>(
  ...codes: Codes
): ProblemResponses<Codes[number] | 'rate_limited' | 'internal'> {
  const responses: Record<number, ProblemResponse> = {};
  for (const code of new Set<ErrorCode>([...codes, 'rate_limited', 'internal'])) {
    const before = responses[STATUS[code]];
    const description = `\`${code}\`: ${TITLE[code]}.`;
    responses[STATUS[code]] = {
      description: before === undefined ? description : `${before.description} ${description}`,
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return responses;
}
