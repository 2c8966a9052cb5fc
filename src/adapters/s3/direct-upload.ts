import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { AppError } from '../../domain/app-error.ts';
import { addressOf, type BucketFolder } from './bucket-folder.ts';
import { errorName } from '../aws/error-name.ts';
import { translated } from './s3-error.ts';

/** One PUT of a direct upload: exactly so many bytes to the address, which is valid for a while. */
export interface DirectPart {
  readonly number: number;
  readonly url: string;
  readonly sizeBytes: number;
}

export interface DirectUpload {
  readonly uploadId: string;
  readonly parts: readonly DirectPart[];
}

export interface DirectUploadOptions {
  readonly sizeBytes: number;
  readonly expiresInS: number;
}

const PART_BYTES = 16 * 1024 * 1024;
const MAX_PARTS = 10_000;
const MAX_PART_BYTES = 5 * 1024 ** 3;
const MAX_EXPIRES_IN_S = 7 * 24 * 60 * 60;

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
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    throw new AppError('invalid_input', 'A direct upload has at least one byte.');
  }
  if (!Number.isInteger(expiresInS) || expiresInS < 1 || expiresInS > MAX_EXPIRES_IN_S) {
    throw new AppError('invalid_input', 'An address can be valid for 1 second to 7 days.');
  }
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MAX_PARTS));
  if (partBytes > MAX_PART_BYTES) throw new AppError('too_large', 'S3 keeps no object of that size.');
  return translated(async () => {
    const { UploadId } = await folder.client.send(new CreateMultipartUploadCommand(address));
    if (UploadId === undefined) throw new Error('S3 gave no upload id.');
    const parts: DirectPart[] = [];
    for (let start = 0; start < sizeBytes; start += partBytes) {
      const number = parts.length + 1;
      const ContentLength = Math.min(partBytes, sizeBytes - start);
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
 * @throws not_found when there is no such upload; conflict when its parts do not add up to `sizeBytes`;
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
    let storedBytes = 0;
    for (let marker: string | undefined; ;) {
      const page = await folder.client.send(new ListPartsCommand({ ...upload, PartNumberMarker: marker }));
      for (const { PartNumber, ETag, Size = 0 } of page.Parts ?? []) {
        Parts.push({ PartNumber, ETag });
        storedBytes += Size;
      }
      marker = page.NextPartNumberMarker;
      if (page.IsTruncated !== true || marker === undefined) break;
    }
    if (storedBytes !== sizeBytes) {
      throw new AppError('conflict', `${storedBytes} of ${sizeBytes} bytes have been uploaded.`);
    }
    await folder.client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  });
}

/** Idempotent. @throws storage_unavailable */
export async function abortDirectUpload(folder: BucketFolder, key: string, uploadId: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...addressOf(folder, key), UploadId: uploadId });
  try {
    await uploadKnown(() => folder.client.send(command));
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'not_found')) throw error;
  }
}

const uploadKnown = <Result>(work: () => Promise<Result>): Promise<Result> =>
  translated(async () => {
    try {
      return await work();
    } catch (error) {
      if (errorName(error) !== 'NoSuchUpload') throw error;
      throw new AppError('not_found', 'There is no such upload.', { cause: error });
    }
  });
