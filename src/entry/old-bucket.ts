import { openOldAudioBucket } from '../adapters/s3/old-audio-bucket.ts';
import { openS3Client } from '../adapters/s3/s3-client.ts';
import type { ObjectStore } from '../domain/object-store.ts';
import type { OldAudio } from '../domain/old-audio.ts';
import type { AudioBucket } from './aws-config.ts';

/** The root of the bucket of the home. */
export function openOldBucket(
  { bucket, region, endpoint, forcePathStyle }: AudioBucket,
  objects: ObjectStore | null,
): { readonly oldAudio: OldAudio; readonly close: () => void } {
  const client = openS3Client({ region, endpoint, forcePathStyle });
  return {
    oldAudio: openOldAudioBucket({ client, bucket, objects }),
    close: () => client.destroy(),
  };
}
