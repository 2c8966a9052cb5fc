import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import { isObjectKey, type ObjectStore } from '../../domain/object-store.ts';
import type { OldAudio, OldAudioFile } from '../../domain/old-audio.ts';
import { errorName } from '../aws/error-name.ts';
import { isNoObject, translateS3Error } from './s3-error.ts';

export interface OldAudioBucketOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Of the same bucket: for what one request cannot copy. null to read only. */
  readonly objects: Pick<ObjectStore, 'write'> | null;
}

/** One request copies at most 5 GiB. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;
const CHANGED = ['PreconditionFailed', '412', 'ConditionalRequestConflict'];

/** The objects at the root of the bucket, as older deployments named them: after their files, whatever those were called. */
export function openOldAudioBucket({ client, bucket: Bucket, objects }: OldAudioBucketOptions): OldAudio {
  async function find(name: string): Promise<OldAudioFile | null> {
    try {
      const head = await client.send(new HeadObjectCommand({ Bucket, Key: name }));
      return { name, sizeBytes: head.ContentLength ?? 0, version: head.ETag ?? '' };
    } catch (error) {
      if (isNoObject(error)) return null;
      throw translateS3Error(error);
    }
  }

  async function* read({ name, version }: OldAudioFile): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: name, IfMatch: version }));
      yield* Body as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw translatedChange(error);
    }
  }

  return {
    place: `the bucket ${Bucket}`,

    async *list(signal) {
      let ContinuationToken: string | undefined;
      do {
        throwIfAborted(signal);
        // With the delimiter, all that lies under a prefix is one answer, and not read.
        const request = new ListObjectsV2Command({ Bucket, Delimiter: '/', ContinuationToken });
        const page = await client.send(request).catch((error: unknown) => {
          throw translateS3Error(error);
        });
        for (const { Key, Size, ETag } of page.Contents ?? []) {
          if (Key !== undefined) yield { name: Key, sizeBytes: Size ?? 0, version: ETag ?? '' };
        }
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },

    find,

    async copyTo(file, key) {
      if (!isObjectKey(key)) throw new AppError('invalid_input', 'This is no key of an object.');
      if (file.sizeBytes > MAX_COPY_BYTES) {
        if (objects === null) throw new AppError('internal', 'There is nothing to copy into.');
        await objects.write(key, read(file));
        return;
      }
      try {
        await client.send(
          new CopyObjectCommand({
            Bucket,
            Key: key,
            CopySource: `${Bucket}/${encodeURIComponent(file.name)}`,
            CopySourceIfMatch: file.version,
          }),
        );
      } catch (error) {
        throw translatedChange(error);
      }
      // Not every service knows the condition of a copy.
      const now = await find(file.name);
      if (now === null) throw new AppError('not_found', 'The object is gone.');
      if (now.version !== file.version) throw changed();
    },

    // In a bucket there are no links.
    isLinkTo: async () => false,

    async delete(file) {
      const now = await find(file.name);
      if (now === null) return;
      if (now.version !== file.version) throw changed();
      await client.send(new DeleteObjectCommand({ Bucket, Key: file.name })).catch((error: unknown) => {
        throw translateS3Error(error);
      });
    },
  };
}

const changed = (cause?: unknown): AppError =>
  new AppError('conflict', 'The object was changed in the meantime.', { cause });

const translatedChange = (error: unknown): Error =>
  CHANGED.includes(errorName(error)) ? changed(error) : translateS3Error(error);
