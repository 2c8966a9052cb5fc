import { createHmac, timingSafeEqual } from 'node:crypto';

/** A message that is older, or newer, was not sent just now by an instance whose clock is right. */
const MAX_AGE_MS = 60_000;
const SIGNATURE = /^t=(\d{1,15}),v1=([A-Za-z0-9_-]{43})$/;

/** Proves that a message comes from an instance that shares the home's secret: `t={ms},v1={HMAC-SHA256}`. */
export function signPeerMessage(secret: Uint8Array, body: string, nowMs: number): string {
  return `t=${nowMs},v1=${macOf(secret, nowMs, body)}`;
}

/** In constant time. A message that is caught can be sent again for a minute: it tells nothing that was not told. */
export function isPeerMessage(secret: Uint8Array, body: string, signature: string, nowMs: number): boolean {
  const [, time = '', mac = ''] = SIGNATURE.exec(signature) ?? [];
  const sentAtMs = Number(time);
  if (time === '' || Math.abs(nowMs - sentAtMs) > MAX_AGE_MS) return false;
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(secret, sentAtMs, body)));
}

const macOf = (secret: Uint8Array, sentAtMs: number, body: string): string =>
  createHmac('sha256', secret)
    .update(JSON.stringify(['peer-message', sentAtMs]))
    .update(body)
    .digest('base64url');
