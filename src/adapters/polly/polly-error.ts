import { abortedError } from '../../domain/abort.ts';
import { AppError, isAppError, ValidationError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import { errorName } from '../aws/error-name.ts';

const TIMED_OUT = ['TimeoutError', 'RequestTimeout', 'RequestTimeoutException'];
const THROTTLED = ['ThrottlingException', 'TooManyRequestsException', 'SlowDown', 'RequestLimitExceeded'];

/** What an error of the SDK means, as speech-to-text.ts has it; its message goes to the log alone. */
export function translatePollyError(error: unknown, signal: AbortSignal, log: Log): Error {
  if (isAppError(error)) return error;
  if (signal.aborted) return abortedError(signal);
  const name = errorName(error);
  const options = { cause: error };
  if (name === 'InvalidSsmlException') {
    return new ValidationError('text', 'The engine that speaks here does not take this SSML.', options);
  }
  log.warn(
    { engine: 'polly', error: name, status: statusOf(error) },
    'a speech engine does not do what it is asked',
  );
  if (TIMED_OUT.includes(name)) {
    return new AppError('engine_timeout', 'The speech engine did not answer in time.', options);
  }
  const status = statusOf(error);
  const isOfClient =
    (status !== undefined && status >= 400 && status < 500) || name === 'CredentialsProviderError';
  if (isOfClient && !THROTTLED.includes(name) && status !== 429) {
    return new AppError(
      'engine_refused',
      'The speech engine will not do this. The log of the server says more.',
      options,
    );
  }
  const retryAfterS = retryAfterOf(error);
  return new AppError('engine_unavailable', 'The speech engine is down, overloaded or out of reach.', {
    ...options,
    ...(retryAfterS !== undefined && { details: { retry_after_s: retryAfterS } }),
  });
}

function statusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = (error ?? {}) as {
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return metadata?.httpStatusCode;
}

function retryAfterOf(error: unknown): number | undefined {
  const { $response: response } = (error ?? {}) as {
    readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  };
  const seconds = Number(response?.headers?.['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
