import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../domain/app-error.ts';
import { complaintOf } from '../aws/service-complaint.ts';

const COMPLAINTS = {
  missing: 'does not exist. Create it, or correct its name, its region or its endpoint.',
  forbidden:
    'is forbidden to these credentials. Allow them s3:ListBucket and s3:ListBucketMultipartUploads on the ' +
    'bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects.',
};

/**
 * For the start: whether the bucket is there and may be listed. (A HEAD of the bucket would cost as much and be
 * answered without a reason.)
 *
 * @throws storage_unavailable, whose message names the bucket and says what to do
 */
export async function checkBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
  } catch (error) {
    const complaint = complaintOf(error, COMPLAINTS);
    throw new AppError('storage_unavailable', `The S3 bucket "${bucket}" ${complaint}`, { cause: error });
  }
}
