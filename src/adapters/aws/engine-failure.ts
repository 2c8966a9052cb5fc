import { AppError } from '../../domain/app-error.ts';
import { errorName } from './error-name.ts';

const TIMED_OUT = ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException'];
/** Answered with 400, although it helps to come again. */
const THROTTLED = [
  'LimitExceededException',
  'RequestLimitExceeded',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
];
const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError'];
/** Timeout, too many requests. */
const PASSING_STATUSES = [408, 429];

/**
 * What an error of the SDK means where a service of AWS is the engine: engine_timeout, engine_refused or
 * engine_unavailable, as domain/speech-to-text.ts has them. The words of AWS are in its cause alone.
 * @param passing names of errors of the service that pass by themselves, although their status is one of the client's
 */
export function engineFailure(error: unknown, passing: readonly string[] = []): AppError {
  const name = errorName(error);
  const options = { cause: error };
  if (TIMED_OUT.includes(name)) {
    return new AppError('engine_timeout', 'The speech engine did not answer in time.', options);
  }
  const passes = [...THROTTLED, ...passing].includes(name);
  if (NO_CREDENTIALS.includes(name) || (isOfClient(statusOf(error)) && !passes)) {
    const message = 'The speech engine will not do this. The log of the server says more.';
    return new AppError('engine_refused', message, options);
  }
  const retryAfterS = retryAfterOf(error);
  return new AppError('engine_unavailable', 'The speech engine is down, overloaded or out of reach.', {
    ...options,
    ...(retryAfterS !== undefined && { details: { retry_after_s: retryAfterS } }),
  });
}

export function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = (error ?? {}) as {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return metadata?.httpStatusCode;
}

const isOfClient = (status: number | undefined): boolean =>
  status !== undefined && status >= 400 && status < 500 && !PASSING_STATUSES.includes(status);

function retryAfterOf(error: unknown): number | undefined {
  const { $response: response } = (error ?? {}) as {
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const seconds = Number(response?.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
