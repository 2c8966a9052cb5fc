import { AppError } from '../domain/app-error.ts';
import { nameSome } from './stream-files.ts';

/** How long playing waits for files that are still being taken in. */
export const READY_WAIT_MS = 10_000;
/** What a player is told to wait before it asks again. */
const RETRY_AFTER_S = 5;

export const notReady = (filenames: readonly string[]): AppError =>
  new AppError('not_ready', `Still being taken in: ${nameSome(filenames)}.`, {
    details: { files: filenames, retry_after_s: RETRY_AFTER_S },
  });
