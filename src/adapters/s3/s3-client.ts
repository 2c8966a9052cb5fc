import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { clientOptions, type ServiceOptions } from '../aws/client-options.ts';

export interface S3ClientOptions extends ServiceOptions<S3ClientConfig['credentials']> {
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`. */
  readonly forcePathStyle?: boolean | undefined;
}

/** To the head of the answer, the sending of a part over a slow line included. */
const REQUEST_TIMEOUT_MS = 300_000;

/** Checksums that S3 does not insist on are left out for other endpoints: some do not know them. */
export function openS3Client({ forcePathStyle, ...service }: S3ClientOptions): S3Client {
  return new S3Client({
    ...clientOptions(service, REQUEST_TIMEOUT_MS),
    ...(service.endpoint !== undefined && {
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
  });
}
