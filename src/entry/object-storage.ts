import { openDirectoryDirectUploads } from '../adapters/files/directory-direct-upload.ts';
import { openDirectoryObjectStore } from '../adapters/files/directory-object-store.ts';
import { openLibraryFolder } from '../adapters/files/library-folder.ts';
import type { Clock } from '../domain/clock.ts';
import type { LibraryFolder } from '../domain/library-folder.ts';
import type { Log } from '../domain/log.ts';
import { createPartPresence } from '../services/part-presence.ts';
import type { BucketStorage } from './bucket-storage.ts';
import type { Config } from './config.ts';

export interface ObjectStorage extends BucketStorage {
  /** null for a bucket, into which nobody drops files. */
  readonly folder: LibraryFolder | null;
}

/**
 * Opens what the audio lives in: the bucket that S3_AUDIO_BUCKET names, else a directory.
 * @throws storage_unavailable when it cannot be used
 */
export async function openObjectStorage(
  config: Pick<Config, 'audioBucket' | 'audioFilesDir'> & Partial<Pick<Config, 'isFunction' | 'cloudFront'>>,
  tempDir: string,
  clock: Clock,
  log: Log,
): Promise<ObjectStorage> {
  if (config.audioBucket !== null) {
    // Only then: at home, the SDK would take a start's time and memory for nothing.
    const { openBucketStorage } = await import('./bucket-storage.ts');
    const { isFunction, cloudFront = null } = config;
    const options = { clock, log, isChecked: isFunction !== true, cloudFront };
    return { ...(await openBucketStorage(config.audioBucket, tempDir, options)), folder: null };
  }
  const root = config.audioFilesDir;
  const objects = await openDirectoryObjectStore({ root, tempDir });
  const folder = await openLibraryFolder({ root, clock, log });
  return {
    objects,
    directUploads: openDirectoryDirectUploads({ root, objects }),
    presignGet: null,
    wholeObjects: null,
    folder,
    presence: createPartPresence(objects, clock),
    close: () => undefined,
  };
}
