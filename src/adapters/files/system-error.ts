import { AppError } from '../../domain/app-error.ts';

/** `ENOENT`, `EACCES`: the code that the operating system gave; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^E[A-Z0-9]+$/.test(error.code) ? error.code : undefined;
}

/** For a look at something that may have been removed meanwhile: `.catch(unlessGone)`. @throws any other error */
export function unlessGone(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error;
}

/** Work on the file system that throws what `translate` makes of its errors. */
export function translating(translate: (error: unknown) => unknown) {
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw translate(error);
    }
  };
}

/**
 * What a failed call to the file system means to a caller. Neither the path nor the system's sentence gets into the
 * message; the error itself is the cause, for the log.
 *
 * @returns an AppError for an error of the file system; anything else as it was
 */
export function storageError(error: unknown, subject: string): unknown {
  switch (systemCode(error)) {
    case undefined:
      return error;
    case 'ENOENT':
      return new AppError('not_found', `There is no such ${subject}.`, { cause: error });
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new AppError('insufficient_storage', 'There is no room left in the storage.', { cause: error });
    default:
      return new AppError('storage_unavailable', 'The storage cannot be used at the moment.', {
        cause: error,
      });
  }
}
