import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

// AES-256-GCM: 12 bytes of nonce, 16 of tag (NIST SP 800-38D, 8.2.2 and 5.2.1.2).
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * An answer that shows a secret, fit to be stored: to open it takes the server's secret and the client's
 * Idempotency-Key, of which the store has neither.
 */
export function sealAnswer(secret: Uint8Array, clientKey: string, body: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret, clientKey), nonce);
  const sealed = Buffer.concat([nonce, cipher.update(body, 'utf8'), cipher.final()]);
  return Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url');
}

/** @throws when it was sealed with another secret or key, or has been changed */
export function openAnswer(secret: Uint8Array, clientKey: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret, clientKey), bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

function keyOf(secret: Uint8Array, clientKey: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, clientKey, 'earshot idempotent answer', 32));
}
