import { AppError } from '../domain/app-error.ts';
import type { AsyncRequest } from '../domain/request.ts';

/** A file of the library, whose transcript is to be kept. */
export interface TranscribeFilePayload {
  readonly filename: string;
  readonly language?: string | undefined;
}

/** An upload of which nothing is to be kept. */
export interface TranscribeUploadPayload {
  /** The object `uploads/{id}` that holds the file as it came. */
  readonly upload_key: string;
  readonly original_filename: string;
  readonly from_ms?: number | undefined;
  readonly to_ms?: number | undefined;
  readonly language?: string | undefined;
}

/** The payload of the action `transcribe`. Clients order the first; the second is made of an upload. */
export type TranscribePayload = TranscribeFilePayload | TranscribeUploadPayload;

/** Something to be transcribed, and whose it is. */
interface Job<Payload extends TranscribePayload> {
  readonly requestId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly payload: Payload;
}

export type TranscribeFileJob = Job<TranscribeFilePayload>;
export type TranscribeUploadJob = Job<TranscribeUploadPayload>;
export type TranscribeJob = TranscribeFileJob | TranscribeUploadJob;

/** @throws invalid_input when the payload is not one of `transcribe` */
export function parseTranscribeJob({ requestId, tenantId, userId, payload }: AsyncRequest): TranscribeJob {
  const owner = { requestId, tenantId, userId };
  if (isOfUploadPayload(payload)) return { ...owner, payload };
  if (isOfFilePayload(payload)) return { ...owner, payload };
  throw new AppError('invalid_input', 'This is no payload of "transcribe".');
}

export const isOfUpload = (job: TranscribeJob): job is TranscribeUploadJob => 'upload_key' in job.payload;

function isOfUploadPayload(payload: unknown): payload is TranscribeUploadPayload {
  const { upload_key: key, original_filename: name } = fieldsOf(payload);
  return typeof key === 'string' && typeof name === 'string';
}

const isOfFilePayload = (payload: unknown): payload is TranscribeFilePayload =>
  typeof fieldsOf(payload)['filename'] === 'string';

const fieldsOf = (payload: unknown): Readonly<Record<string, unknown>> =>
  typeof payload === 'object' && payload !== null ? { ...payload } : {};
