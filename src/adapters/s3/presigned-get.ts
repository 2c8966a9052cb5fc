import { GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AppError } from '../../domain/app-error.ts';
import type { PresignedGetOptions } from '../../domain/presigned-get.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { translated } from './s3-error.ts';

const MAX_EXPIRES_IN_S = 7 * 24 * 60 * 60;

/**
 * An address under which whoever has it may read the object, ranges included, straight from S3. No request is made:
 * nothing tells whether there is such an object.
 *
 * @throws invalid_input; storage_unavailable when there are no credentials
 */
export async function presignGet(
  folder: BucketFolder,
  key: string,
  { expiresInS, contentType, contentDisposition }: PresignedGetOptions,
): Promise<string> {
  if (!Number.isInteger(expiresInS) || expiresInS < 1 || expiresInS > MAX_EXPIRES_IN_S) {
    throw new AppError('invalid_input', 'An address can be valid for 1 second to 7 days.');
  }
  const command = new GetObjectCommand({
    ...addressOf(folder, key),
    ResponseContentType: contentType,
    ...(contentDisposition !== undefined && { ResponseContentDisposition: contentDisposition }),
  });
  return translated(() => getSignedUrl(folder.client, command, { expiresIn: expiresInS }));
}
