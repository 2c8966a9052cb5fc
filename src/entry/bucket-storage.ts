import type { S3Client } from '@aws-sdk/client-s3';
import { presignByCloudFront } from '../adapters/cloudfront/signed-url.ts';
import { checkBucket } from '../adapters/s3/bucket-check.ts';
import { openS3DirectUploads } from '../adapters/s3/direct-upload.ts';
import { presignGet } from '../adapters/s3/presigned-get.ts';
import { openS3Client } from '../adapters/s3/s3-client.ts';
import { openS3ObjectStore } from '../adapters/s3/s3-object-store.ts';
import { checkConditionalWrites } from '../adapters/s3/s3-stream-check.ts';
import { openS3StreamStore } from '../adapters/s3/s3-stream-store.ts';
import { sweepUploads } from '../adapters/s3/upload-sweep.ts';
import { openS3WholeObjects } from '../adapters/s3/whole-objects.ts';
import type { Clock } from '../domain/clock.ts';
import type { DirectUploads } from '../domain/direct-upload.ts';
import type { Log } from '../domain/log.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import type { PresignGet } from '../domain/presigned-get.ts';
import type { WholeObjects } from '../domain/whole-object.ts';
import { createPartPresence, type PartPresence } from '../services/part-presence.ts';
import type { Config } from './config.ts';

type Bucket = NonNullable<Config['audioBucket']>;

export interface BucketStorage {
  readonly objects: ObjectStore;
  readonly directUploads: DirectUploads;
  /** null where the store gives out no addresses. */
  readonly presignGet: PresignGet | null;
  readonly wholeObjects: WholeObjects | null;
  readonly presence: PartPresence;
  close(): void;
}

interface BucketOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly isChecked: boolean;
  /** Where players read what is in the bucket; null: there. */
  readonly cloudFront: Config['cloudFront'];
}

/** Of the definitions of streams. */
const STREAM_PREFIX = 'streams/';
/** No upload takes as long. */
const ABANDONED_UPLOAD_MS = 24 * 3_600_000;

/** @throws storage_unavailable when it cannot be used, saying what to do */
export async function openBucketStorage(
  { bucket, ...options }: Bucket,
  tempDir: string,
  { clock, log, isChecked, cloudFront }: BucketOptions,
): Promise<BucketStorage> {
  const client = openS3Client(options);
  try {
    // Of functions, many start, each for what it is asked; the bucket's own rules remove what is abandoned.
    if (isChecked) await prepareBucket(client, bucket, clock, log);
    const objects = openS3ObjectStore({ client, bucket, tempDir });
    // A request for each part of a long stream would cost more than to find one missing when its turn comes.
    const presence = createPartPresence(objects, clock, { trustsRecords: true });
    const folder = { client, bucket };
    const presign: PresignGet =
      cloudFront === null
        ? (key, options) => presignGet(folder, key, options)
        : presignByCloudFront(cloudFront, clock);
    return {
      objects,
      directUploads: openS3DirectUploads(folder),
      presignGet: presign,
      wholeObjects: { ...openS3WholeObjects(folder), presign },
      presence,
      close: () => client.destroy(),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function prepareBucket(client: S3Client, bucket: string, clock: Clock, log: Log): Promise<void> {
  await checkBucket(client, bucket);
  log.info({ bucket }, `audio lives in the S3 bucket ${bucket}: ready`);
  const nowMs = clock();
  const abandoned = await sweepUploads({ client, bucket }, { olderThanMs: ABANDONED_UPLOAD_MS, nowMs });
  if (abandoned > 0) log.info({ bucket, abandoned }, 'abandoned uploads were removed');
}

/**
 * Stream definitions beside the audio; `openBucketStorage` says whether the bucket can be used.
 * @throws storage_unavailable when its service does not keep the conditions that edits rely on
 */
export async function openBucketStreams({ bucket, ...options }: Bucket, clock: Clock, log: Log) {
  const client = openS3Client(options);
  try {
    if (options.endpoint !== undefined) {
      const { deletes } = await checkConditionalWrites({ client, bucket, prefix: STREAM_PREFIX });
      if (!deletes) {
        log.warn(
          { bucket },
          'the service of the bucket deletes whatever it is told of conditions: an edit of a stream in the very moment of its deletion is lost',
        );
      }
    }
    const streams = openS3StreamStore({ client, bucket, clock, log, prefix: STREAM_PREFIX });
    return { streams, close: () => client.destroy() };
  } catch (error) {
    client.destroy();
    throw error;
  }
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
