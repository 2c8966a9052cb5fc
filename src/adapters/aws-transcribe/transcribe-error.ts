import { abortedError } from '../../domain/abort.ts';
import { AppError, isAppError } from '../../domain/app-error.ts';
import { errorName } from '../aws/error-name.ts';

/** Answered with 400, although it helps to come again. */
const PASSING = [
  'LimitExceededException',
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'SlowDown',
];
const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError'];
/** Of a job: gone since; of an object: not yet there. */
const GONE = ['NotFoundException', 'NoSuchKey'];

/** @returns aborted, engine_refused or engine_unavailable, with the error as its cause; an AppError as it was */
export function translateAwsError(error: unknown, signal: AbortSignal): AppError {
  if (signal.aborted) return abortedError(signal);
  if (isAppError(error)) return error;
  const name = errorName(error);
  const status = statusOf(error);
  // A good status is of an answer that cannot be read.
  const isTheirs = status === null || status < 400 || status >= 500 || status === 408 || status === 429;
  const isRefused = NO_CREDENTIALS.includes(name) || !(isTheirs || [...PASSING, ...GONE].includes(name));
  return isRefused
    ? new AppError('engine_refused', 'AWS Transcribe will not do this. The log of the server says more.', {
        cause: error,
      })
    : new AppError('engine_unavailable', 'AWS Transcribe cannot be reached at the moment.', { cause: error });
}

function statusOf(error: unknown): number | null {
  const metadata = error instanceof Error && '$metadata' in error ? error.$metadata : null;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : null;
  return typeof status === 'number' ? status : null;
}

/**
 * Why a job has failed, by the text that AWS gives and documents as meant for people.
 * @returns null when the piece was too short, or had too little speech to tell its language
 */
export function failureOfJob(reason: string): AppError | null {
  if (/speech segment long enough|identify (?:the )?(?:dominant )?language/i.test(reason)) return null;
  if (/length is too small|too short/i.test(reason)) return null;
  if (
    /media format|audio format|media file|audio file|sample rate|file size|corrupt|unsupported/i.test(reason)
  ) {
    return new AppError('unsupported_media', 'The speech engine cannot read this piece.');
  }
  if (/internal|try (?:your request )?again|unavailable/i.test(reason)) {
    return new AppError('engine_unavailable', 'AWS Transcribe failed with this piece.');
  }
  return new AppError('engine_refused', 'AWS Transcribe will not do this. The log of the server says more.');
}
