import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import { unusable } from './config-error.ts';
import { origin } from './origin.ts';

/** A distribution in front of the bucket, and the key that opens it. */
export interface CloudFront {
  /** Without a slash at the end. */
  readonly url: string;
  readonly keyPairId: string;
  /** PEM. */
  readonly privateKey: string;
}

/** The variables of the environment that lead players through CloudFront. */
export const CLOUDFRONT_VARIABLES = {
  CLOUDFRONT_URL: origin.optional(),
  CLOUDFRONT_KEY_PAIR_ID: z
    .string()
    .regex(/^[A-Z0-9]{5,64}$/, 'the id of a public key of CloudFront')
    .optional(),
  CLOUDFRONT_PRIVATE_KEY: z
    .string()
    // A file of variables has no room for lines.
    .transform((pem) => pem.replaceAll('\\n', '\n'))
    .refine(signsForCloudFront, 'a private key as PEM: RSA of 2048 bits, or ECDSA on P-256')
    .optional(),
};

type Variables = z.output<z.ZodObject<typeof CLOUDFRONT_VARIABLES>> & {
  readonly S3_AUDIO_BUCKET?: string | undefined;
};

/** @returns null where none of the three is set */
export function readCloudFront(env: Variables): CloudFront | null {
  const { CLOUDFRONT_URL: url, CLOUDFRONT_KEY_PAIR_ID: keyPairId, CLOUDFRONT_PRIVATE_KEY: privateKey } = env;
  if (url === undefined && keyPairId === undefined && privateKey === undefined) return null;
  const together = 'CLOUDFRONT_URL, CLOUDFRONT_KEY_PAIR_ID and CLOUDFRONT_PRIVATE_KEY belong together';
  if (url === undefined) throw unusable('CLOUDFRONT_URL', together);
  if (keyPairId === undefined) throw unusable('CLOUDFRONT_KEY_PAIR_ID', together);
  if (privateKey === undefined) throw unusable('CLOUDFRONT_PRIVATE_KEY', together);
  if (env.S3_AUDIO_BUCKET === undefined) throw unusable('CLOUDFRONT_URL', 'needs S3_AUDIO_BUCKET');
  return { url, keyPairId, privateKey };
}

/** Whether it is a key of those that CloudFront knows. */
function signsForCloudFront(pem: string): boolean {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(pem);
    return type === 'rsa' ? details?.modulusLength === 2048 : details?.namedCurve === 'prime256v1';
  } catch {
    // Why it cannot be read may tell something of it.
    return false;
  }
}
