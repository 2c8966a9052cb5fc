import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AppError, isNotFound } from '../../domain/app-error.ts';
import {
  checkAllThere,
  cutIntoParts,
  noSuchPart,
  noSuchUpload,
  type DirectPart,
  type DirectUpload,
  type DirectUploadOptions,
  type DirectUploads,
} from '../../domain/direct-upload.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { errorName } from '../aws/error-name.ts';
import { translated } from './s3-error.ts';
import { sweepUploads } from './upload-sweep.ts';

const MAX_EXPIRES_IN_S = 7 * 24 * 60 * 60;

/** Direct uploads into a bucket: multipart uploads whose parts are put at presigned addresses. */
export function openS3DirectUploads(folder: BucketFolder): DirectUploads {
  return {
    begin: (key, options) => beginDirectUpload(folder, key, options),
    writePart: () => Promise.reject(noSuchPart()),
    complete: ({ key, uploadId, sizeBytes }) => completeDirectUpload(folder, key, uploadId, sizeBytes),
    abort: ({ key, uploadId }) => abortDirectUpload(folder, key, uploadId),
    sweep: (beforeMs) => sweepUploads(folder, { olderThanMs: 0, nowMs: beforeMs }),
  };
}

/**
 * Begins an upload that its sender makes straight to S3, part by part. The length of each part is signed with its
 * address: nobody stores more than was agreed. Until {@link completeDirectUpload} there is no object; what is never
 * completed goes with `sweepUploads`.
 *
 * @throws invalid_input; too_large; storage_unavailable
 */
export async function beginDirectUpload(
  folder: BucketFolder,
  key: string,
  { sizeBytes, expiresInS }: DirectUploadOptions,
): Promise<DirectUpload> {
  const address = addressOf(folder, key);
  const cut = cutIntoParts(sizeBytes);
  if (!Number.isInteger(expiresInS) || expiresInS < 1 || expiresInS > MAX_EXPIRES_IN_S) {
    throw new AppError('invalid_input', 'An address can be valid for 1 second to 7 days.');
  }
  return translated(async () => {
    const { UploadId } = await folder.client.send(new CreateMultipartUploadCommand(address));
    if (UploadId === undefined) throw new Error('S3 gave no upload id.');
    const parts: DirectPart[] = [];
    for (const { number, sizeBytes: ContentLength } of cut) {
      const command = new UploadPartCommand({ ...address, UploadId, PartNumber: number, ContentLength });
      leaveOutChecksum(command);
      const url = await getSignedUrl(folder.client, command, {
        expiresIn: expiresInS,
        signableHeaders: new Set(['host', 'content-length']),
        unhoistableHeaders: new Set(['content-length']),
      });
      parts.push({ number, url, sizeBytes: ContentLength });
    }
    return { uploadId: UploadId, parts };
  });
}

/** The client knows no bytes yet: it would sign the checksum of none, and S3 would refuse all others. */
function leaveOutChecksum(command: UploadPartCommand): void {
  command.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      for (const name of Object.keys(headers)) if (name.includes('checksum')) delete headers[name];
      return next(args);
    },
    { step: 'build', priority: 'low', name: 'leaveOutChecksum' },
  );
}

/**
 * Makes the object of its parts, as S3 lists them: nothing that the sender says is believed.
 *
 * @throws not_found when there is no such upload; conflict when parts of its `sizeBytes` are missing;
 * storage_unavailable
 */
export async function completeDirectUpload(
  folder: BucketFolder,
  key: string,
  uploadId: string,
  sizeBytes: number,
): Promise<void> {
  const upload = { ...addressOf(folder, key), UploadId: uploadId };
  await uploadKnown(async () => {
    const Parts: CompletedPart[] = [];
    const storedBytes = new Map<number | undefined, number>();
    for (let marker: string | undefined; ;) {
      const page = await folder.client.send(new ListPartsCommand({ ...upload, PartNumberMarker: marker }));
      for (const { PartNumber, ETag, Size = 0 } of page.Parts ?? []) {
        Parts.push({ PartNumber, ETag });
        storedBytes.set(PartNumber, Size);
      }
      marker = page.NextPartNumberMarker;
      if (page.IsTruncated !== true || marker === undefined) break;
    }
    checkAllThere(cutIntoParts(sizeBytes), (part) => storedBytes.get(part.number) === part.sizeBytes);
    await folder.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  });
}

/** Idempotent. @throws storage_unavailable */
export async function abortDirectUpload(folder: BucketFolder, key: string, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...addressOf(folder, key), UploadId: uploadId });
  try {
    await uploadKnown(() => folder.client.send(command));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const uploadKnown = <Result>(work: () => Promise<Result>): Promise<Result> =>
  translated(async () => {
    try {
      return await work();
    } catch (error) {
      if (errorName(error) !== 'NoSuchUpload') throw error;
      throw noSuchUpload(error);
    }
  });
