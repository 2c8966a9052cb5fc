import { AppError } from '../../../domain/app-error.ts';

const NO_ROOM: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** What an error of the file system under the temporary files means; any other error comes back as it is. */
export function translateLocalFileError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (error.name === 'AbortError') return new AppError('aborted', 'The work was stopped.', { cause: error });
  if (!('syscall' in error && 'code' in error)) return error;
  return NO_ROOM.has(error.code)
    ? new AppError('insufficient_storage', 'There is no room left for temporary files.', { cause: error })
    : new AppError('storage_unavailable', 'Temporary files cannot be written or read.', { cause: error });
}
