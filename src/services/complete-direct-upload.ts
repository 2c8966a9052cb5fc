import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError, isNotFound, type ErrorCode } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { noSuchUpload } from '../domain/direct-upload.ts';
import { uploadKey } from '../domain/object-key.ts';
import { getRecord } from './audio-files.ts';
import type { RequestOrigin } from './actions/action.ts';
import { authorize } from './authorize.ts';
import { openUploadId } from './direct-upload-id.ts';
import {
  deleteUploadRecord,
  getUploadRecord,
  openUploadOf,
  type DirectUploadRecord,
} from './direct-upload-record.ts';
import type { IngestSource } from './enqueue-ingest.ts';
import { parseIngestJob } from './ingest-job.ts';
import { translateLocalFileError } from './local-file-error.ts';
import { pause, pauses } from './pause.ts';
import type { Ports } from './ports.ts';
import { uploadAudio, type UploadOutcome } from './upload-audio.ts';

type CompletePorts = Parameters<typeof uploadAudio>[0] &
  Pick<Ports, 'directUploads' | 'idempotency' | 'secret'>;

type AcceptedUpload = Extract<UploadOutcome, { kind: 'accepted' }>;

/** How an upload ended, kept for whoever completes it again because the answer got lost. */
type KeptEnd =
  | AcceptedUpload
  | { readonly kind: 'duplicate'; readonly filename: string }
  | {
      readonly kind: 'refused';
      readonly code: ErrorCode;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    };

const KEPT_MS = 24 * 3_600_000;
/** For a completion that never ends, because the process died. */
const RUNNING_MS = 10 * 60_000;
const LONGEST_WAIT_MS = 20_000;
/** What is so about the bytes or the name stays so: then nothing is left of the upload. Anything else may be tried again. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['already_exists', 'unsupported_media', 'too_large']);

/**
 * Puts an upload together of its parts and takes it into the library, as `uploadAudio` does. Completed again, it comes
 * to the same end and does nothing more; while it is being completed elsewhere, that is waited for.
 *
 * @param origin of the request that takes it in, when this is the first to ask for it
 * @throws what `uploadAudio` throws; conflict when parts are missing: they can still be sent; not_ready when it is still
 * being completed; not_found for an upload that is not the caller's, has expired or was aborted
 */
export async function completeUpload(
  ports: CompletePorts,
  caller: Caller | null,
  uploadId: string,
  origin: RequestOrigin = {},
): Promise<UploadOutcome> {
  const owner = authorize(caller, 'write');
  const { requestId, expiresAtMs } = openUploadId(ports.secret, owner, uploadId);
  if (expiresAtMs <= ports.clock()) throw noSuchUpload();
  const runKey = createHash('sha256')
    .update(JSON.stringify(['direct-upload', requestId]))
    .digest('hex');
  const kept = await beginRun(ports, runKey);
  if (kept !== null) return outcomeOf(ports, owner, kept);
  const end = await runOnce(ports, owner, requestId, runKey, origin);
  // Beside what is taken in. What a crash leaves here is swept.
  if (end.kind !== 'accepted' || end.requestId !== requestId)
    await ports.objects.delete(uploadKey(requestId));
  await deleteUploadRecord(ports, requestId);
  return outcomeOf(ports, owner, end);
}

/** @returns how it ended, kept under `runKey`. @throws what may be tried again: then nothing is kept */
async function runOnce(
  ports: CompletePorts,
  owner: Caller,
  requestId: string,
  runKey: string,
  origin: RequestOrigin,
): Promise<KeptEnd> {
  try {
    const accepted = await findAcceptedUpload(ports, requestId);
    const end = accepted ?? (await takeIn(ports, owner, requestId, origin));
    const response = { status: 200, headers: {}, body: JSON.stringify(end) };
    await ports.idempotency.finish(runKey, response, ports.clock() + KEPT_MS);
    return end;
  } catch (error) {
    await ports.idempotency.release(runKey);
    throw error;
  }
}

/** The request that takes the upload in, when it has been asked for. Another name that was tried in vain is passed over. */
export async function findAcceptedUpload(
  ports: Pick<Ports, 'queue'>,
  requestId: string,
): Promise<AcceptedUpload | null> {
  for (let attempt = 0; ; attempt += 1) {
    const request = await ports.queue.find(attempt === 0 ? requestId : attemptId(requestId, attempt));
    if (request === null) {
      if (attempt === 0) continue;
      return null;
    }
    if (attempt > 0 && request.error?.code === 'already_exists') continue;
    return {
      kind: 'accepted',
      requestId: request.requestId,
      filename: parseIngestJob(request).payload.filename,
    };
  }
}

/** @returns how it ended before; null when the caller is to complete it. @throws not_ready */
async function beginRun(ports: Pick<Ports, 'idempotency' | 'clock'>, key: string): Promise<KeptEnd | null> {
  const begin = () =>
    ports.idempotency.begin({ key, fingerprint: key, expiresAtMs: ports.clock() + RUNNING_MS });
  let before = await begin();
  for (const pauseMs of pauses(LONGEST_WAIT_MS)) {
    if (before === null || before.response !== undefined) break;
    await pause(pauseMs);
    before = await begin();
  }
  if (before === null) return null;
  if (before.response === undefined) {
    throw new AppError('not_ready', 'This upload is still being completed.', {
      details: { retry_after_s: 5 },
    });
  }
  return JSON.parse(before.response.body) as KeptEnd;
}

async function outcomeOf(
  ports: Pick<Ports, 'audioFiles'>,
  { tenantId }: Caller,
  end: KeptEnd,
): Promise<UploadOutcome> {
  if (end.kind === 'accepted') return end;
  if (end.kind === 'refused') throw new AppError(end.code, end.message, { details: end.details });
  return { kind: 'duplicate', file: await getRecord(ports, tenantId, end.filename) };
}

async function takeIn(
  ports: CompletePorts,
  owner: Caller,
  requestId: string,
  origin: RequestOrigin,
): Promise<KeptEnd> {
  const record = await getUploadRecord(ports, requestId);
  const { details, sizeBytes } = record;
  await makeObject(ports, requestId, record);
  const sourceOf = sourceIn(ports, requestId, details.onConflict === 'rename', origin);
  try {
    const outcome = await ports.objects.withLocalFile(uploadKey(requestId), async (path) => {
      const upload = { path, sizeBytes, sha256: await hashFile(path, sizeBytes) };
      return uploadAudio(ports, owner, upload, details, sourceOf);
    });
    return outcome.kind === 'accepted' ? outcome : { kind: 'duplicate', filename: outcome.file.filename };
  } catch (error) {
    if (!(error instanceof AppError && REFUSALS.has(error.code))) throw error;
    const { code, message, details: facts } = error;
    return { kind: 'refused', code, message, details: facts };
  }
}

/** A completion that died may have made the object already; so may a request to the store whose answer got lost. */
async function makeObject(
  ports: Pick<Ports, 'objects' | 'directUploads'>,
  requestId: string,
  record: DirectUploadRecord,
): Promise<void> {
  const upload = openUploadOf(requestId, record);
  if ((await ports.objects.find(upload.key)) !== null) return;
  try {
    await ports.directUploads.complete(upload);
  } catch (error) {
    if (!isNotFound(error) || (await ports.objects.find(upload.key)) === null) throw error;
  }
}

async function hashFile(path: string, sizeBytes: number): Promise<string> {
  const hash = createHash('sha256');
  let hashedBytes = 0;
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 512 * 1024 })) {
      hash.update(chunk as Uint8Array);
      hashedBytes += (chunk as Uint8Array).byteLength;
    }
  } catch (error) {
    throw translateLocalFileError(error);
  }
  if (hashedBytes !== sizeBytes) {
    throw new AppError('storage_unavailable', 'The upload is not stored as long as it was sent.');
  }
  return hash.digest('hex');
}

const attemptId = (requestId: string, attempt: number): string => `${requestId}-${attempt}`;

/**
 * The object lies where the ingest looks for it. Where several names may have to be tried, each try has a request and a
 * copy of its own, since the ingest of one that was in vain removes its upload.
 */
function sourceIn(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  triesNames: boolean,
  origin: RequestOrigin,
): () => IngestSource {
  let attempt = 0;
  return () => {
    attempt += 1;
    return {
      requestId: triesNames ? attemptId(requestId, attempt) : requestId,
      origin,
      moveTo: async (key) => (triesNames ? ports.objects.copy(uploadKey(requestId), key) : undefined),
      // It can be completed again; else it is swept.
      giveUp: async () => undefined,
    };
  };
}
