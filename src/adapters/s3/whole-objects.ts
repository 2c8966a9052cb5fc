import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import {
  cutIntoWholeParts,
  type WholeObjectPlan,
  type WholeObjects,
  type WholeSegment,
} from '../../domain/whole-object.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { presignGet } from './presigned-get.ts';
import { isNoObject, translated } from './s3-error.ts';

/** Each takes up to 13 MiB of memory, where it is gathered. */
const PARTS_AT_ONCE = 4;

/** Objects of a bucket that are put together of others by multipart uploads. */
export function openS3WholeObjects(folder: BucketFolder): WholeObjects {
  const { client } = folder;
  return {
    presign: (key, options) => presignGet(folder, key, options),

    find: (key) =>
      translated(async () => {
        try {
          const { ContentLength, ETag } = await client.send(new HeadObjectCommand(addressOf(folder, key)));
          return ContentLength === undefined || ETag === undefined
            ? null
            : { sizeBytes: ContentLength, etag: ETag };
        } catch (error) {
          if (isNoObject(error)) return null;
          throw error;
        }
      }),

    make: (plan, signal) =>
      translated(async () => {
        throwIfAborted(signal);
        const address = addressOf(folder, plan.key);
        const { UploadId } = await client.send(
          new CreateMultipartUploadCommand({
            ...address,
            ContentType: plan.contentType,
            // As long as the address leads here, it is the same.
            CacheControl: 'public, max-age=31536000, immutable',
            Metadata: { etag: plan.etag },
          }),
        );
        const upload = { ...address, UploadId };
        try {
          const parts = cutIntoWholeParts(plan.segments, plan.sizeBytes);
          const Parts = await mapBounded(
            parts,
            PARTS_AT_ONCE,
            async (part, index): Promise<CompletedPart> => {
              throwIfAborted(signal);
              const PartNumber = index + 1;
              const ETag = await storePart(folder, { ...upload, PartNumber }, part, plan, signal);
              return { PartNumber, ETag };
            },
          );
          await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
        } catch (error) {
          await client.send(new AbortMultipartUploadCommand(upload)).catch((abortError: unknown) => {
            throw new AggregateError(
              [error, abortError],
              'An object was not made, and its parts were not removed.',
            );
          });
          throw error;
        }
      }),
  };
}

async function storePart(
  folder: BucketFolder,
  target: { Bucket: string; Key: string; UploadId: string | undefined; PartNumber: number },
  { start, endExclusive, copyFrom }: WholeSegment,
  plan: WholeObjectPlan,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const sizeBytes = endExclusive - start;
  if (copyFrom !== undefined) {
    const { Bucket, Key } = addressOf(folder, copyFrom.key);
    const command = new UploadPartCopyCommand({
      ...target,
      CopySource: `${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`,
      CopySourceRange: `bytes=${copyFrom.start}-${copyFrom.start + sizeBytes - 1}`,
    });
    return (await folder.client.send(command, { abortSignal })).CopyPartResult?.ETag;
  }
  // In one piece: a request that fails is made again, and a stream could not be read twice.
  const Body = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of plan.read(start, endExclusive, abortSignal)) {
    if (filled + chunk.length > sizeBytes) throw otherLength();
    Body.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== sizeBytes) throw otherLength();
  return (await folder.client.send(new UploadPartCommand({ ...target, Body }), { abortSignal })).ETag;
}

const otherLength = (): AppError =>
  new AppError('internal', 'A stretch of an object that is made has another length than was planned.');
