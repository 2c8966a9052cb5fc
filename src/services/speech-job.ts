import { createHash } from 'node:crypto';
import { AppError } from '../domain/app-error.ts';
import { MAX_SPEED, MIN_SPEED, parseSpeechText, type SpeechText } from '../domain/speech-text.ts';
import { spokenKey, speechTextKey } from '../domain/speech-key.ts';
import { uploadKey } from '../domain/object-key.ts';
import type { AsyncRequest, JsonObject } from '../domain/request.ts';
import type { IngestJob } from './ingest-job.ts';
import type { Ports } from './ports.ts';
import { readObject } from './read-object.ts';

/** The payload of the action `generate_tts`, as it is queued: the text lies in the object store. */
export interface SpeechPayload {
  /** By the rule of filename.ts. */
  readonly filename: string;
  readonly title?: string | undefined;
  readonly voice?: string | undefined;
  readonly speed: number;
  readonly characters: number;
}

/** A text to be spoken, and whose it is. */
export interface SpeechJob {
  readonly requestId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly payload: SpeechPayload;
}

/** More than 100,000 characters of four bytes. */
const MAX_TEXT_BYTES = 512 * 1024;

/** @throws invalid_input when the payload is not one of `generate_tts` */
export function parseSpeechJob({ requestId, tenantId, userId, payload }: AsyncRequest): SpeechJob {
  const { filename, title, voice, speed, characters } = (payload ?? {}) as JsonObject;
  if (
    typeof filename !== 'string' ||
    !isSpeed(speed) ||
    typeof characters !== 'number' ||
    !(title === undefined || typeof title === 'string') ||
    !(voice === undefined || typeof voice === 'string')
  ) {
    throw new AppError('invalid_input', 'This is no payload of "generate_tts".');
  }
  return { requestId, tenantId, userId, payload: { filename, title, voice, speed, characters } };
}

export const isSpeed = (value: unknown): value is number =>
  typeof value === 'number' && value >= MIN_SPEED && value <= MAX_SPEED;

/**
 * The ingest that a job ends with.
 * @param sound its size and hash; until there is any, a hash that no upload has stands in the record
 */
export function ingestJobOf(
  { requestId, tenantId, userId, payload: { filename, title } }: SpeechJob,
  sound?: { readonly sizeBytes: number; readonly sha256: string },
): IngestJob {
  return {
    requestId,
    tenantId,
    userId,
    payload: {
      upload_key: uploadKey(requestId),
      filename,
      original_filename: filename.replace(/\.mp3$/, '.wav'),
      original_sha256:
        sound?.sha256 ?? createHash('sha256').update(`to be spoken: ${requestId}`).digest('hex'),
      original_size: sound?.sizeBytes ?? 0,
      ...(title !== undefined && { title }),
    },
  };
}

export async function writeSpeechText(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  { text }: SpeechText,
): Promise<void> {
  await ports.objects.write(speechTextKey(requestId), [Buffer.from(text)]);
}

/** @throws not_found when it has been swept */
export async function readSpeechText(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  signal: AbortSignal,
): Promise<SpeechText> {
  const bytes = await readObject(ports.objects, speechTextKey(requestId), MAX_TEXT_BYTES, signal);
  return parseSpeechText(bytes.toString());
}

/** The text and what is known of its sound; the sound itself is the ingest's. Idempotent. */
export async function deleteSpeech(ports: Pick<Ports, 'objects'>, requestId: string): Promise<void> {
  await ports.objects.delete(speechTextKey(requestId));
  await ports.objects.delete(spokenKey(requestId));
}
