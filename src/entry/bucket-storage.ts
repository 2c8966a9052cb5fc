import { checkBucket } from '../adapters/s3/bucket-check.ts';
import { openS3Client } from '../adapters/s3/s3-client.ts';
import { openS3ObjectStore } from '../adapters/s3/s3-object-store.ts';
import { openS3StreamStore } from '../adapters/s3/s3-stream-store.ts';
import { sweepUploads } from '../adapters/s3/upload-sweep.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import { createPartPresence, type PartPresence } from '../services/part-presence.ts';
import type { Config } from './config.ts';

type Bucket = NonNullable<Config['audioBucket']>;

export interface BucketStorage {
  readonly objects: ObjectStore;
  readonly presence: PartPresence;
  close(): void;
}

/** No upload takes as long. */
const ABANDONED_UPLOAD_MS = 24 * 3_600_000;

/** @throws storage_unavailable when it cannot be used, saying what to do */
export async function openBucketStorage(
  { bucket, ...options }: Bucket,
  tempDir: string,
  clock: Clock,
  log: Log,
): Promise<BucketStorage> {
  const client = openS3Client(options);
  try {
    await checkBucket(client, bucket);
    log.info({ bucket, region: options.region }, `audio lives in the S3 bucket ${bucket}: ready`);
    const nowMs = clock();
    const abandoned = await sweepUploads({ client, bucket }, { olderThanMs: ABANDONED_UPLOAD_MS, nowMs });
    if (abandoned > 0) log.info({ bucket, abandoned }, 'abandoned uploads were removed');
    const objects = openS3ObjectStore({ client, bucket, tempDir });
    // A request for each part of a long stream would cost more than to find one missing when its turn comes.
    const presence = createPartPresence(objects, clock, { trustsRecords: true });
    return { objects, presence, close: () => client.destroy() };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** Stream definitions beside the audio; `openBucketStorage` says whether the bucket can be used. */
export function openBucketStreams({ bucket, ...options }: Bucket, clock: Clock, log: Log) {
  const client = openS3Client(options);
  return { streams: openS3StreamStore({ client, bucket, clock, log }), close: () => client.destroy() };
}

/** @throws storage_unavailable when it cannot be used, saying what to do */
export async function tryBucket({ bucket, ...options }: Bucket): Promise<void> {
  const client = openS3Client(options);
  try {
    await checkBucket(client, bucket);
  } finally {
    client.destroy();
  }
}
