import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

// AES-256-GCM: 12 bytes of nonce, 16 of tag (NIST SP 800-38D, 8.2.2 and 5.2.1.2).
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Tells what is sealed from what is not, and by which rule. */
const PREFIX = 'sealed:v1:';

export const isSealed = (text: string): boolean => text.startsWith(PREFIX);

/**
 * A secret of another service, fit to be stored: to open it takes the signing secret of the home. With another signing
 * secret, it is lost.
 * @param name what it is; it opens under no other
 */
export function sealSecret(secret: Uint8Array, name: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce);
  cipher.setAAD(Buffer.from(name));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return PREFIX + sealed.toString('base64url');
}

/** @throws when it was sealed with another secret or name, or has been changed */
export function openSecret(secret: Uint8Array, name: string, sealed: string): string {
  if (!isSealed(sealed)) throw new Error('This is no sealed secret.');
  const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(name));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

function keyOf(secret: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'earshot user secret', 32));
}
