import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PlaybackLink } from '../domain/credentials.ts';

/** The secret part of a playback link's URL: `{id}.{mac}`. Made anew from the record, so it is stored nowhere. */
export function linkToken(secret: Uint8Array, link: PlaybackLink): string {
  return `${link.id}.${macOf(secret, link).toString('base64url')}`;
}

/** The id in a token of the right shape, which is not yet proven; null for anything else. */
export function linkIdOf(token: string): string | null {
  return /^([A-Za-z0-9_-]{16,64})\.[A-Za-z0-9_-]{43}$/.exec(token)?.[1] ?? null;
}

/** Whether the token was made with this secret for just this id, target and expiry. In constant time. */
export function isTokenOf(secret: Uint8Array, link: PlaybackLink, token: string): boolean {
  const given = Buffer.from(token.slice(token.indexOf('.') + 1), 'base64url');
  const expected = macOf(secret, link);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function macOf(secret: Uint8Array, link: PlaybackLink): Buffer {
  const bound = [link.id, link.kind, link.tenantId, link.name, link.expiresAtMs ?? null];
  return createHmac('sha256', secret)
    .update(JSON.stringify(['playback-link', ...bound]))
    .digest();
}
