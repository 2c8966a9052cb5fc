import { AppError, isAppError } from '../../domain/app-error.ts';
import { errorName } from '../aws/error-name.ts';

const NO_OBJECT = ['NoSuchKey', 'NotFound'];
const NO_ROOM = ['QuotaExceeded', 'XMinioStorageFull', 'InsufficientStorage'];
/** Of the file system that temporary files are on. */
const NO_ROOM_ON_DISK = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** A HEAD is answered `NotFound`, for it has no body that could say what is missing. */
export const isNoObject = (error: unknown): boolean => NO_OBJECT.includes(errorName(error));

/** @returns not_found, insufficient_storage or storage_unavailable, with the error as its cause; an AppError as it was */
export function translateS3Error(error: unknown): Error {
  if (isAppError(error)) return error;
  const options = { cause: error };
  if (isNoObject(error)) return new AppError('not_found', 'There is no such object.', options);
  if (NO_ROOM.includes(errorName(error)) || NO_ROOM_ON_DISK.includes(systemCode(error))) {
    return new AppError('insufficient_storage', 'There is no room left in the storage.', options);
  }
  return new AppError('storage_unavailable', 'The storage cannot be used at the moment.', options);
}

/** Work that throws what {@link translateS3Error} makes of its errors. */
export async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translateS3Error(error);
  }
}

function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
