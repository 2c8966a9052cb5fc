import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { BucketFolder } from './bucket-folder.ts';
import { errorName } from '../aws/error-name.ts';
import { translated } from './s3-error.ts';

export interface SweepOptions {
  /** Longer than any upload takes, and than clocks differ. */
  readonly olderThanMs: number;
  readonly nowMs: number;
}

/**
 * Aborts multipart uploads that were begun long ago: what killed processes left, whose parts nobody sees and everybody
 * pays for. Uploads under way are younger.
 *
 * @returns how many there were
 * @throws storage_unavailable
 */
export async function sweepUploads(
  { client, bucket, prefix = '' }: BucketFolder,
  { olderThanMs, nowMs }: SweepOptions,
): Promise<number> {
  return translated(async () => {
    let count = 0;
    let marker: { KeyMarker?: string; UploadIdMarker?: string } = {};
    for (;;) {
      const page = await client.send(
        new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...marker }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (Initiated === undefined || nowMs - Initiated.getTime() < olderThanMs) continue;
        try {
          await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
          count += 1;
        } catch (error) {
          // Another process was faster.
          if (errorName(error) !== 'NoSuchUpload') throw error;
        }
      }
      if (page.IsTruncated !== true || page.NextKeyMarker === undefined) return count;
      marker = {
        KeyMarker: page.NextKeyMarker,
        ...(page.NextUploadIdMarker !== undefined && { UploadIdMarker: page.NextUploadIdMarker }),
      };
    }
  });
}
