import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { mapBounded } from '../../domain/map-bounded.ts';

export interface CopySource {
  readonly key: string;
  readonly sizeBytes: number;
  /** Only this content is copied. */
  readonly etag: string | undefined;
}

export interface CopyLimits {
  /** Above it, one request cannot copy an object: 5 GiB with S3. */
  readonly maxCopyBytes: number;
  readonly copyPartBytes: number;
}

const PARTS_AT_ONCE = 8;

/** Copies inside the bucket; no byte comes through the program. What fails leaves no parts. @throws the SDK's errors */
export async function copyObject(
  folder: BucketFolder,
  from: CopySource,
  toKey: string,
  limits: CopyLimits,
): Promise<void> {
  const source = addressOf(folder, from.key);
  const target = addressOf(folder, toKey);
  const copySource = {
    // Keys need no escapes; prefixes are the owner's.
    CopySource: `${source.Bucket}/${source.Key.split('/').map(encodeURIComponent).join('/')}`,
    ...(from.etag !== undefined && { CopySourceIfMatch: from.etag }),
  };
  if (from.sizeBytes <= limits.maxCopyBytes) {
    await folder.client.send(new CopyObjectCommand({ ...target, ...copySource }));
    return;
  }
  const { UploadId } = await folder.client.send(new CreateMultipartUploadCommand(target));
  const upload = { ...target, UploadId };
  try {
    const Parts = await mapBounded(
      rangesOf(from.sizeBytes, limits.copyPartBytes),
      PARTS_AT_ONCE,
      async (CopySourceRange, index): Promise<CompletedPart> => {
        const PartNumber = index + 1;
        const part = { ...upload, ...copySource, CopySourceRange, PartNumber };
        const { CopyPartResult } = await folder.client.send(new UploadPartCopyCommand(part));
        return { PartNumber, ETag: CopyPartResult?.ETag };
      },
    );
    await folder.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    await folder.client.send(new AbortMultipartUploadCommand(upload)).catch((abortError: unknown) => {
      throw new AggregateError([error, abortError], 'A copy failed, and its parts could not be removed.');
    });
    throw error;
  }
}

function rangesOf(sizeBytes: number, partBytes: number): string[] {
  return Array.from({ length: Math.ceil(sizeBytes / partBytes) }, (_, index) => {
    const start = index * partBytes;
    return `bytes=${start}-${Math.min(start + partBytes, sizeBytes) - 1}`;
  });
}
