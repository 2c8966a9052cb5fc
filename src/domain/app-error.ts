/**
 * Every failure that a caller may meet, by a code that never changes. The list is documented in docs/errors.md;
 * which HTTP status a code answers with is decided in http/, nowhere else.
 */
export const ERROR_CODES = [
  'not_found',
  'already_exists',
  'invalid_input',
  'method_not_allowed',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'too_large',
  'unsupported_media',
  'conflict',
  'in_use',
  'not_ready',
  'missing_part',
  'precondition_failed',
  'range_not_satisfiable',
  'lease_lost',
  'aborted',
  'cancelled',
  'storage_unavailable',
  'insufficient_storage',
  'tool_unavailable',
  'no_speech',
  'engine_unavailable',
  'engine_refused',
  'engine_timeout',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What is wrong with one field of the input. `field` is a path in the wire's own names: `files[3]`, `play_mode`. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts for the caller, in the wire's own names; never a path of the server, never a vendor's message. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly FieldError[];
}

/** An error whose message may be shown to the caller as it stands. */
export class AppError extends Error {
  override readonly name: string = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly errors: readonly FieldError[];

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.errors = options.errors ?? [];
  }
}

/** `invalid_input` that names one bad field. */
export class ValidationError extends AppError {
  override readonly name = 'ValidationError';
  readonly field: string;

  constructor(field: string, message: string, options: AppErrorOptions = {}) {
    super('invalid_input', message, { ...options, errors: [{ field, message }] });
    this.field = field;
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

export const isNotFound = (error: unknown): error is AppError => isAppError(error, 'not_found');
export const isAlreadyExists = (error: unknown): error is AppError => isAppError(error, 'already_exists');
export const isInvalidInput = (error: unknown): error is AppError => isAppError(error, 'invalid_input');
export const isValidationError = (error: unknown): error is ValidationError =>
  error instanceof ValidationError;
