import { abortedError } from '../../domain/abort.ts';
import { AppError, isAppError } from '../../domain/app-error.ts';
import { engineFailure } from '../aws/engine-failure.ts';

/** Of a job: gone since; of an object: not yet there. */
const GONE = ['NotFoundException', 'NoSuchKey'];

/** @returns aborted, or what engineFailure gives; an AppError as it was */
export function translateAwsError(error: unknown, signal: AbortSignal): AppError {
  if (signal.aborted) return abortedError(signal);
  return isAppError(error) ? error : engineFailure(error, GONE);
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
