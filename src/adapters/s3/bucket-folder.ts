import type { S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../domain/app-error.ts';
import { isObjectKey } from '../../domain/object-store.ts';

/** Where a store's objects are: a bucket, and what stands before each key in it. */
export interface BucketFolder {
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or with a slash at its end. */
  readonly prefix?: string | undefined;
}

/** The arguments of a request for the object. @throws invalid_input */
export function addressOf(
  { bucket, prefix = '' }: BucketFolder,
  key: string,
): { Bucket: string; Key: string } {
  if (!isObjectKey(key)) throw new AppError('invalid_input', 'This is no key of an object.');
  return { Bucket: bucket, Key: `${prefix}${key}` };
}
