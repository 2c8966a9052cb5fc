import { isNotFound } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { noSuchUpload } from '../domain/direct-upload.ts';
import { uploadKey } from '../domain/object-key.ts';
import { authorize } from './authorize.ts';
import { findAcceptedUpload } from './complete-direct-upload.ts';
import { openPartAddress, openUploadId, partSignature, sealUploadId } from './direct-upload-id.ts';
import {
  deleteUploadRecord,
  getUploadRecord,
  openUploadOf,
  saveUploadRecord,
} from './direct-upload-record.ts';
import type { Ports } from './ports.ts';
import { tooLarge } from './receive-upload.ts';
import { checkUpload, type UploadDetails } from './upload-audio.ts';

/** What is going to be uploaded, as its sender says. */
export interface DeclaredUpload {
  readonly sizeBytes: number;
  readonly details: UploadDetails;
}

export interface BegunUpload {
  readonly uploadId: string;
  readonly expiresAtMs: number;
  readonly parts: readonly {
    readonly number: number;
    readonly sizeBytes: number;
    /** Where it is PUT: an address of the object store, or the signature that this program asks for. */
    readonly address: { readonly url: string } | { readonly signature: string };
  }[];
}

type BeginPorts = Pick<
  Ports,
  'audioFiles' | 'objects' | 'directUploads' | 'policy' | 'secret' | 'clock' | 'newId'
>;

/** Long enough for a slow line; less than what the sweeps leave alone. */
const UPLOAD_LIFE_S = 12 * 3600;

/**
 * Begins an upload that its sender puts into the object store part by part; nothing of it is in the library before it is
 * completed. What would be refused then, as far as it can be known, is refused now.
 *
 * @throws invalid_input; too_large; already_exists; forbidden
 */
export async function beginUpload(
  ports: BeginPorts,
  caller: Caller | null,
  { sizeBytes, details }: DeclaredUpload,
): Promise<BegunUpload> {
  const owner = authorize(caller, 'write');
  const { maxUploadBytes } = ports.policy;
  if (sizeBytes > maxUploadBytes) throw tooLarge(maxUploadBytes);
  await checkUpload(ports, owner, details, { minBytes: sizeBytes, maxBytes: sizeBytes });
  const requestId = ports.newId();
  const expiresAtMs = ports.clock() + UPLOAD_LIFE_S * 1000;
  const key = uploadKey(requestId);
  const upload = await ports.directUploads.begin(key, { sizeBytes, expiresInS: UPLOAD_LIFE_S });
  try {
    await saveUploadRecord(ports, requestId, { uploadId: upload.uploadId, sizeBytes, details });
  } catch (error) {
    await ports.directUploads.abort({ key, uploadId: upload.uploadId, sizeBytes });
    throw error;
  }
  const uploadId = sealUploadId(ports.secret, owner, { requestId, expiresAtMs });
  const parts = upload.parts.map(({ number, sizeBytes: partBytes, url }) => ({
    number,
    sizeBytes: partBytes,
    address: url === null ? { signature: partSignature(ports.secret, uploadId, number) } : { url },
  }));
  return { uploadId, expiresAtMs, parts };
}

/** A part as it is sent: its address is all that its sender needs. */
export interface SentPart {
  readonly uploadId: string;
  readonly number: number;
  readonly signature: string;
}

/**
 * Takes a part, in a store that does not do so by itself, in place of what was sent for it before.
 *
 * @throws not_found for any address that was not given out, or has expired, and once the upload has ended;
 * invalid_input when it is not as long as it should be; conflict while it is being sent already
 */
export async function receivePart(
  ports: Pick<Ports, 'objects' | 'directUploads' | 'secret' | 'clock'>,
  { uploadId, number, signature }: SentPart,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { requestId, expiresAtMs } = openPartAddress(ports.secret, uploadId, number, signature);
  if (expiresAtMs <= ports.clock()) throw noSuchUpload();
  const record = await getUploadRecord(ports, requestId);
  await ports.directUploads.writePart(openUploadOf(requestId, record), number, body);
}

/**
 * Ends an upload that is not going to be completed, with all that was sent of it. Idempotent. What has been completed
 * stays: it is in the library, or on its way there.
 *
 * @throws not_found for an upload that is not the caller's
 */
export async function abortUpload(
  ports: Pick<Ports, 'objects' | 'directUploads' | 'secret' | 'queue'>,
  caller: Caller | null,
  uploadId: string,
): Promise<void> {
  const owner = authorize(caller, 'write');
  const { requestId } = openUploadId(ports.secret, owner, uploadId);
  if ((await findAcceptedUpload(ports, requestId)) !== null) return;
  try {
    const record = await getUploadRecord(ports, requestId);
    await ports.directUploads.abort(openUploadOf(requestId, record));
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  await deleteUploadRecord(ports, requestId);
}
