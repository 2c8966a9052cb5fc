import { errorName } from './error-name.ts';

const CREDENTIALS =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose an AWS_PROFILE, or run with a role.';

/** What is to be said where the thing itself is missing, or forbidden. */
export interface Complaints {
  readonly missing: string;
  readonly forbidden: string;
}

/**
 * What is wrong with a bucket or table that cannot be used, and what to do: the rest of a sentence that begins with
 * its name.
 */
export function complaintOf(error: unknown, { missing, forbidden }: Complaints): string {
  switch (errorName(error)) {
    case 'NoSuchBucket':
    case 'NotFound':
    case 'ResourceNotFoundException':
      return missing;
    case 'AccessDenied':
    case 'AccessDeniedException':
    case 'AllAccessDisabled':
    case 'Forbidden':
      return forbidden;
    case 'CredentialsProviderError':
      return `needs credentials, and none were found. ${CREDENTIALS}`;
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidAccessKeyId':
    case 'InvalidSignatureException':
    case 'InvalidToken':
    case 'SignatureDoesNotMatch':
    case 'TokenRefreshRequired':
    case 'UnrecognizedClientException':
      return 'is not open to these credentials: they are wrong or have expired. Renew them.';
    case 'RequestTimeTooSkewed':
    case 'RequestExpired':
      return 'cannot be used while the clock of this machine is wrong. Set the clock.';
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case 'PermanentRedirect':
      return 'is in another region. Correct AWS_REGION.';
    default:
      return `cannot be used (${errorName(error) || 'no reason given'}). Check its endpoint and the network.`;
  }
}
