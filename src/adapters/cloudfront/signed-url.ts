import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { PLAYED_PREFIXES } from '../../domain/object-key.ts';
import { isObjectKey } from '../../domain/object-store.ts';
import type { PresignGet } from '../../domain/presigned-get.ts';

/** A distribution in front of the bucket that trusts a key. */
export interface CloudFrontDistribution {
  /** Without a slash at the end; an object is under its key. */
  readonly url: string;
  /** CloudFront's id of the public key. */
  readonly keyPairId: string;
  /** PEM: RSA of 2048 bits, or ECDSA on P-256. */
  readonly privateKey: string;
}

const MAX_EXPIRES_IN_S = 7 * 24 * 60 * 60;

/**
 * Addresses of CloudFront with a canned policy: each opens one object, with just these headers of the answer, until it
 * expires. They hold for as long as they say: the key outlives the credentials of a function.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html
 */
export function presignByCloudFront(
  { url, keyPairId, privateKey }: CloudFrontDistribution,
  clock: Clock,
): PresignGet {
  return async (key, { expiresInS, contentType, contentDisposition }) => {
    if (!isObjectKey(key) || !PLAYED_PREFIXES.some((prefix) => key.startsWith(prefix))) {
      throw new AppError('invalid_input', 'This is no key of an object that is played.');
    }
    if (!Number.isInteger(expiresInS) || expiresInS < 1 || expiresInS > MAX_EXPIRES_IN_S) {
      throw new AppError('invalid_input', 'An address can be valid for 1 second to 7 days.');
    }
    // S3's own names: CloudFront hands them on in the requests that it signs for the bucket.
    const answer = [`response-content-type=${encode(contentType)}`];
    if (contentDisposition !== undefined) {
      answer.push(`response-content-disposition=${encode(contentDisposition)}`);
    }
    return getSignedUrl({
      url: `${url}/${key}?${answer.join('&')}`,
      keyPairId,
      privateKey,
      dateLessThan: clock() + expiresInS * 1000,
      algorithm: 'SHA256',
    });
  };
}

/** All but RFC 3986's unreserved characters: CloudFront reads `*` as a wildcard, and S3 the rest escaped or not. */
const encode = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
