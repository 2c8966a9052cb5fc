import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3ClientOptions {
  readonly region: string;
  /** Of an S3-compatible service; AWS's own of the region unless given. */
  readonly endpoint?: string | undefined;
  /** `endpoint/bucket/key` in place of `bucket.endpoint/key`. */
  readonly forcePathStyle?: boolean | undefined;
  /** Those that the SDK finds by its own rules unless given. */
  readonly credentials?: S3ClientConfig['credentials'];
  /** Of connections at a time; further requests wait for one. */
  readonly maxSockets?: number | undefined;
}

const MAX_SOCKETS = 64;
const MAX_ATTEMPTS = 5;
const CONNECTION_TIMEOUT_MS = 5_000;
/** Without a byte either way. */
const SOCKET_TIMEOUT_MS = 30_000;
/** To the head of the answer, the sending of a part over a slow line included. */
const REQUEST_TIMEOUT_MS = 300_000;

/**
 * A client whose every wait is bounded. The SDK's standard retry tries again, with jitter, what was throttled, timed
 * out or answered 5xx.
 *
 * Checksums that S3 does not insist on are left out for other endpoints: some do not know them.
 */
export function openS3Client(options: S3ClientOptions): S3Client {
  const { region, endpoint, forcePathStyle, credentials, maxSockets = MAX_SOCKETS } = options;
  return new S3Client({
    region,
    maxAttempts: MAX_ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      socketTimeout: SOCKET_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
    ...(endpoint !== undefined && {
      endpoint,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    }),
    ...(forcePathStyle !== undefined && { forcePathStyle }),
    ...(credentials !== undefined && { credentials }),
  });
}
