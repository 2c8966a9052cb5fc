import { checkBucket } from '../adapters/s3/bucket-check.ts';
import { openS3Client } from '../adapters/s3/s3-client.ts';
import { openS3ObjectStore } from '../adapters/s3/s3-object-store.ts';
import { sweepUploads } from '../adapters/s3/upload-sweep.ts';
import { openDirectoryObjectStore } from '../adapters/files/directory-object-store.ts';
import { openLibraryFolder } from '../adapters/files/library-folder.ts';
import type { Clock } from '../domain/clock.ts';
import type { LibraryFolder } from '../domain/library-folder.ts';
import type { Log } from '../domain/log.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import { createPartPresence, type PartPresence } from '../services/part-presence.ts';
import type { Config } from './config.ts';

export interface ObjectStorage {
  readonly objects: ObjectStore;
  readonly presence: PartPresence;
  /** null for a bucket, into which nobody drops files. */
  readonly folder: LibraryFolder | null;
  close(): void;
}

/** No upload takes as long. */
const ABANDONED_UPLOAD_MS = 24 * 3_600_000;

/**
 * Opens what the audio lives in: the bucket that S3_AUDIO_BUCKET names, else a directory.
 * @throws storage_unavailable when it cannot be used
 */
export async function openObjectStorage(
  config: Pick<Config, 'audioBucket' | 'audioFilesDir'>,
  tempDir: string,
  clock: Clock,
  log: Log,
): Promise<ObjectStorage> {
  if (config.audioBucket === null) {
    const root = config.audioFilesDir;
    const objects = await openDirectoryObjectStore({ root, tempDir });
    const folder = await openLibraryFolder({ root, clock, log });
    return { objects, folder, presence: createPartPresence(objects, clock), close: () => undefined };
  }
  const { bucket, ...options } = config.audioBucket;
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
    return { objects, presence, folder: null, close: () => client.destroy() };
  } catch (error) {
    client.destroy();
    throw error;
  }
}
