import { abortedError } from '../../domain/abort.ts';
import { isAppError, ValidationError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import { engineFailure, statusOf } from '../aws/engine-failure.ts';
import { errorName } from '../aws/error-name.ts';

/** What an error of the SDK means, as speech-to-text.ts has it; its message goes to the log alone. */
export function translatePollyError(error: unknown, signal: AbortSignal, log: Log): Error {
  if (isAppError(error)) return error;
  if (signal.aborted) return abortedError(signal);
  const name = errorName(error);
  if (name === 'InvalidSsmlException') {
    const message = 'The engine that speaks here does not take this SSML.';
    return new ValidationError('text', message, { cause: error });
  }
  log.warn(
    { engine: 'polly', error: name, status: statusOf(error) },
    'a speech engine does not do what it is asked',
  );
  return engineFailure(error);
}
