import { AppError } from '../domain/app-error.ts';

/** What the system says when a disk, or a share of it, is full. */
const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** `ENOENT`, `EACCES`: the code that the operating system gave; undefined for any other error. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error && 'code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && NO_ROOM.has(code);
}

/** What an error of the file system under the temporary files means; any other error comes back as it is. */
export function translateLocalFileError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (error.name === 'AbortError') return new AppError('aborted', 'The work was stopped.', { cause: error });
  if (systemCode(error) === undefined) return error;
  return isDiskFull(error)
    ? new AppError('insufficient_storage', 'There is no room left for temporary files.', { cause: error })
    : new AppError('storage_unavailable', 'Temporary files cannot be written or read.', { cause: error });
}
