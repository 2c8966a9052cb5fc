import { generateKeyPairSync } from 'node:crypto';

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;

/** PEM. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Of the two kinds that CloudFront takes. */
export const makeRsaKeys = (modulusLength = 2048): KeyPair =>
  generateKeyPairSync('rsa', { modulusLength, publicKeyEncoding, privateKeyEncoding });
export const makeEcdsaKeys = (namedCurve = 'prime256v1'): KeyPair =>
  generateKeyPairSync('ec', { namedCurve, publicKeyEncoding, privateKeyEncoding });
