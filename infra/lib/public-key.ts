import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * A public key that CloudFront can hold against signed addresses.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-trusted-signers.html
 *
 * @param given the key as PEM, or the path of a file that holds it
 * @returns the key as PEM, or why it is none
 */
export function readPublicKey(given: string): { readonly pem: string } | { readonly wrong: string } {
  const text = given.includes('-----BEGIN ') ? given : readText(given);
  if (text === undefined) return { wrong: 'it is neither a file that can be read nor a key as PEM' };
  // Node would derive the public key of it; but a template is for many to read.
  if (text.includes('PRIVATE KEY-----')) {
    return { wrong: 'that is the private key, which belongs into the secret store alone' };
  }
  const key = parse(text);
  if (key === undefined) return { wrong: 'it has no public key as PEM, -----BEGIN PUBLIC KEY-----' };
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa' ? details?.modulusLength !== 2048 : details?.namedCurve !== 'prime256v1') {
    return { wrong: 'CloudFront takes RSA keys of 2048 bits and ECDSA keys on P-256' };
  }
  return { pem: key.export({ type: 'spki', format: 'pem' }).toString() };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): KeyObject | undefined {
  try {
    return createPublicKey(text.replaceAll('\\n', '\n'));
  } catch {
    return undefined;
  }
}
