import { AppError } from '../domain/app-error.ts';
import type { AudioFile } from '../domain/audio-file.ts';
import type { AsyncRequest, JsonValue } from '../domain/request.ts';
import type { Ports } from './ports.ts';

/** The payload of the action `ingest`. */
export interface IngestPayload {
  /** The object `uploads/{id}` that holds the file as it came. */
  readonly upload_key: string;
  /** By the rule of filename.ts. */
  readonly filename: string;
  readonly original_filename: string;
  readonly original_sha256: string;
  readonly original_size: number;
  /** Absent: the tags decide, else the file name. */
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Whether a file that has the name gives way once the new audio is there. */
  readonly replace?: boolean | undefined;
}

/** A file to be taken in, and whose it is. */
export interface IngestJob {
  readonly requestId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly payload: IngestPayload;
}

export type IngestPorts = Pick<
  Ports,
  'audioFiles' | 'clock' | 'folder' | 'log' | 'mediaTool' | 'objects' | 'policy' | 'retired' | 'tagReader'
>;

/** @throws invalid_input when the payload is not one of `ingest` */
export function parseIngestJob({ requestId, tenantId, userId, payload }: AsyncRequest): IngestJob {
  if (!isIngestPayload(payload)) throw new AppError('invalid_input', 'This is no payload of "ingest".');
  return { requestId, tenantId, userId, payload };
}

/** Whether this record is the job's own, and not of the file that it replaces. */
export const isOwnRecord = (job: IngestJob, file: AudioFile | null): file is AudioFile =>
  file !== null && file.requestId === job.requestId;

function isIngestPayload(payload: unknown): payload is JsonValue & IngestPayload {
  if (typeof payload !== 'object' || payload === null) return false;
  const fields = payload as Readonly<Record<keyof IngestPayload, unknown>>;
  const isOptional = (value: unknown, type: 'string' | 'boolean') =>
    value === undefined || typeof value === type;
  return (
    [fields.upload_key, fields.filename, fields.original_filename, fields.original_sha256].every(
      (value) => typeof value === 'string' && value !== '',
    ) &&
    typeof fields.original_size === 'number' &&
    isOptional(fields.title, 'string') &&
    isOptional(fields.description, 'string') &&
    isOptional(fields.replace, 'boolean')
  );
}
