import { AppError, isAlreadyExists, ValidationError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { Caller } from '../domain/caller.ts';
import { parseFilename } from '../domain/filename.ts';
import { LANGUAGE_TAG, LANGUAGE_TAG_RULE } from '../domain/language-tag.ts';
import { uploadKey } from '../domain/object-key.ts';
import type { AsyncRequest, JsonObject } from '../domain/request.ts';
import { DEFAULT_RETRY, type RequestOrigin } from './actions/action.ts';
import { getRecord, refuseWhileProcessing } from './audio-files.ts';
import { authorize } from './authorize.ts';
import { fileSource } from './enqueue-ingest.ts';
import type { Ports } from './ports.ts';
import type { ReceivedUpload } from './receive-upload.ts';
import { setTranscriptStatus, type TranscriptPorts } from './save-transcript.ts';

export const noEngine = (): AppError =>
  new AppError(
    'engine_unavailable',
    'There is no engine that hears speech on this server. `npx earshot doctor` says how to get one.',
    { details: { retry_after_s: 3600 } },
  );

export interface TranscriptionDetails {
  readonly language?: string | undefined;
}

/** What of an upload is meant, in seconds. */
export interface UploadTranscriptionDetails extends TranscriptionDetails {
  readonly fromS?: number | undefined;
  readonly toS?: number | undefined;
  readonly originalFilename: string;
}

type OrderPorts = Pick<Ports, 'queue' | 'speechToText' | 'newId' | 'wakeWorkers' | 'log'>;

/**
 * Asks for the transcript of a file of the library.
 * @throws not_found; not_ready; invalid_input; engine_unavailable when there is none
 */
export async function orderTranscription(
  ports: OrderPorts & TranscriptPorts,
  caller: Caller | null,
  filename: string,
  details: TranscriptionDetails,
  origin: RequestOrigin = {},
): Promise<AsyncRequest> {
  const owner = authorize(caller, 'write');
  const language = parseLanguage(details.language);
  const file = await getRecord(ports, owner.tenantId, parseFilename(filename));
  if (file.part === undefined) {
    refuseWhileProcessing(file);
    throw new AppError('conflict', file.error ?? `"${file.filename}" could not be taken in.`);
  }
  if (ports.speechToText === null) throw noEngine();
  const payload = { filename: file.filename, ...(language !== undefined && { language }) };
  return enqueueTranscription(ports, file, ports.newId(), owner.userId, payload, origin);
}

const TRANSCRIBE = { action: 'transcribe', maxRetries: DEFAULT_RETRY.maxRetries } as const;

/** Once per `requestId`. For use cases that have authorized their caller. */
export async function enqueueTranscription(
  ports: Pick<OrderPorts, 'queue' | 'wakeWorkers' | 'log'> & TranscriptPorts,
  file: AudioFile,
  requestId: string,
  userId: string,
  payload: JsonObject,
  origin: RequestOrigin = {},
): Promise<AsyncRequest> {
  const { tenantId, filename } = file;
  const { transcriptStatus, transcriptError: error, transcriptRequestId: before } = file;
  // Before a worker can have it: the status only goes forward.
  await setTranscriptStatus(ports, tenantId, filename, 'pending', { requestId });
  try {
    const request = { requestId, userId, tenantId, payload, ...origin };
    const queued = await ports.queue.enqueue({ ...request, ...TRANSCRIBE });
    ports.log.info({ requestId, filename, tenantId, userId }, 'transcription accepted');
    return queued;
  } catch (failure) {
    if (!isAlreadyExists(failure)) {
      const asBefore = { error, requestId: before, ofRequestId: requestId };
      await setTranscriptStatus(ports, tenantId, filename, transcriptStatus, asBefore);
    }
    throw failure;
  } finally {
    ports.wakeWorkers();
  }
}

/**
 * Checks what came with an upload, before its bytes are there.
 * @throws invalid_input naming the field; forbidden; engine_unavailable when there is none
 */
export function checkUploadTranscription(
  ports: Pick<Ports, 'speechToText'>,
  caller: Caller | null,
  { language, fromS, toS }: Omit<UploadTranscriptionDetails, 'originalFilename'>,
): void {
  authorize(caller, 'write');
  parseLanguage(language);
  if (toS !== undefined && toS <= (fromS ?? 0)) {
    throw new ValidationError('to_s', 'It ends before it begins.');
  }
  if (ports.speechToText === null) throw noEngine();
}

/**
 * Asks for what is said in an upload, of which nothing is kept.
 * @throws as `checkUploadTranscription`; unsupported_media when there is no audio in it
 */
export async function orderUploadTranscription(
  ports: OrderPorts & Pick<Ports, 'objects' | 'mediaTool' | 'policy'>,
  caller: Caller | null,
  upload: Omit<ReceivedUpload, 'remove'>,
  details: UploadTranscriptionDetails,
): Promise<AsyncRequest> {
  const { tenantId, userId } = authorize(caller, 'write');
  checkUploadTranscription(ports, caller, details);
  if (ports.policy.looksIntoUploads !== false) await ports.mediaTool.probe(upload.path);
  const source = fileSource(ports, upload.path, false);
  const { requestId } = source;
  const key = uploadKey(requestId);
  await source.moveTo(key);
  const { language, fromS, toS, originalFilename } = details;
  const payload: JsonObject = {
    upload_key: key,
    original_filename: originalFilename,
    ...(fromS !== undefined && { from_ms: Math.round(fromS * 1000) }),
    ...(toS !== undefined && { to_ms: Math.round(toS * 1000) }),
    ...(language !== undefined && { language: parseLanguage(language) }),
  };
  try {
    const request = { requestId, userId, tenantId, payload };
    const queued = await ports.queue.enqueue({ ...request, ...TRANSCRIBE });
    ports.log.info({ requestId, sizeBytes: upload.sizeBytes, tenantId, userId }, 'transcription accepted');
    return queued;
  } catch (error) {
    await source.giveUp(key);
    throw error;
  } finally {
    ports.wakeWorkers();
  }
}

function parseLanguage(language: string | undefined): string | undefined {
  if (language === undefined || LANGUAGE_TAG.test(language)) return language;
  throw new ValidationError('language', LANGUAGE_TAG_RULE);
}
