import { createHmac, timingSafeEqual } from 'node:crypto';
import { noSuchUpload } from '../domain/direct-upload.ts';
import type { Caller } from '../domain/caller.ts';

/** What the id of a direct upload says, once it is proven. */
export interface DirectUploadId {
  /** The request that is going to take the upload in. */
  readonly requestId: string;
  readonly expiresAtMs: number;
}

const ID = /^([A-Za-z0-9_-]{16,64})\.([0-9a-z]{1,10})\.([A-Za-z0-9_-]{43})$/;

/** `{request}.{expiry}.{mac}`: whom it belongs to is in the MAC, so that nothing need be read to refuse all others. */
export function sealUploadId(
  secret: Uint8Array,
  owner: Caller,
  { requestId, expiresAtMs }: DirectUploadId,
): string {
  const expiry = expiresAtMs.toString(36);
  return `${requestId}.${expiry}.${idMac(secret, owner, requestId, expiry)}`;
}

/** @throws not_found for what was not sealed for this user of this tenant */
export function openUploadId(secret: Uint8Array, owner: Caller, uploadId: string): DirectUploadId {
  const [, requestId = '', expiry = '', mac = ''] = ID.exec(uploadId) ?? [];
  if (!isEqual(mac, idMac(secret, owner, requestId, expiry))) throw noSuchUpload();
  return { requestId, expiresAtMs: parseInt(expiry, 36) };
}

/** What lets whoever has it send one part of an upload. */
export const partSignature = (secret: Uint8Array, uploadId: string, number: number): string =>
  macOf(secret, ['direct-upload-part', uploadId, number]);

/** The id of an upload whose part the signature is for. @throws not_found for any other */
export function openPartAddress(
  secret: Uint8Array,
  uploadId: string,
  number: number,
  signature: string,
): DirectUploadId {
  const [, requestId = '', expiry = ''] = ID.exec(uploadId) ?? [];
  if (!isEqual(signature, partSignature(secret, uploadId, number))) throw noSuchUpload();
  return { requestId, expiresAtMs: parseInt(expiry, 36) };
}

function idMac(secret: Uint8Array, { tenantId, userId }: Caller, requestId: string, expiry: string): string {
  return macOf(secret, ['direct-upload', requestId, expiry, tenantId, userId]);
}

function macOf(secret: Uint8Array, bound: readonly (string | number)[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(bound)).digest('base64url');
}

/** In constant time. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
