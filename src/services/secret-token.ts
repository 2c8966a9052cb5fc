import { createHash, randomBytes } from 'node:crypto';

const PREFIX = { session: 'es_', apiKey: 'ek_' } as const;

export type SecretTokenKind = keyof typeof PREFIX;

/** An opaque secret: a prefix that scanners for leaked secrets can find, and 32 random bytes. */
export function newSecretToken(kind: SecretTokenKind): string {
  return PREFIX[kind] + randomBytes(32).toString('base64url');
}

/** @returns null for what no session or key of ours can be, so that it needs no look-up */
export function kindOfSecretToken(token: string): SecretTokenKind | null {
  if (!/^e[sk]_[A-Za-z0-9_-]{43}$/.test(token)) return null;
  return token.startsWith(PREFIX.session) ? 'session' : 'apiKey';
}

/** What is stored instead of the token. It has 256 random bits, so that one SHA-256 is enough. */
export function hashSecretToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
