import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../../domain/app-error.ts';
import { errorName } from './s3-error.ts';

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
    throw new AppError('storage_unavailable', `The S3 bucket "${bucket}" ${complaint(error)}`, {
      cause: error,
    });
  }
}

function complaint(error: unknown): string {
  switch (errorName(error)) {
    case 'NoSuchBucket':
    case 'NotFound':
      return 'does not exist. Create it, or correct its name, its region or its endpoint.';
    case 'AccessDenied':
    case 'AllAccessDisabled':
    case 'Forbidden':
      return (
        'is forbidden to these credentials. Allow them s3:ListBucket and s3:ListBucketMultipartUploads on the ' +
        'bucket, and s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on its objects.'
      );
    case 'CredentialsProviderError':
      return (
        'needs credentials, and none were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose an ' +
        'AWS_PROFILE, or run with a role.'
      );
    case 'ExpiredToken':
    case 'InvalidAccessKeyId':
    case 'InvalidToken':
    case 'SignatureDoesNotMatch':
    case 'TokenRefreshRequired':
      return 'is not open to these credentials: they are wrong or have expired. Renew them.';
    case 'RequestTimeTooSkewed':
      return 'cannot be used while the clock of this machine is wrong. Set the clock.';
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case 'PermanentRedirect':
      return 'is in another region. Correct AWS_REGION.';
    default:
      return `cannot be used (${errorName(error) || 'no reason given'}). Check its endpoint and the network.`;
  }
}
