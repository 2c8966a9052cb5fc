import { isNotFound } from '../domain/app-error.ts';
import { noSuchUpload, type OpenUpload } from '../domain/direct-upload.ts';
import { uploadKey, uploadRecordKey } from '../domain/object-key.ts';
import type { Ports } from './ports.ts';
import { readObject } from './read-object.ts';
import type { UploadDetails } from './upload-audio.ts';

/**
 * What is known of a direct upload from its beginning to its end. An object beside the one that it becomes: so it is
 * there after a restart and for every instance, and the sweep of uploads finds it when nobody ends it.
 */
export interface DirectUploadRecord {
  /** The object store's own id of it. */
  readonly uploadId: string;
  readonly sizeBytes: number;
  readonly details: UploadDetails;
}

/** Descriptions are the longest of it. */
const MAX_RECORD_BYTES = 256 * 1024;

export async function saveUploadRecord(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  record: DirectUploadRecord,
): Promise<void> {
  await ports.objects.write(uploadRecordKey(requestId), [Buffer.from(JSON.stringify(record))]);
}

/** @throws not_found once the upload has ended */
export async function getUploadRecord(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
): Promise<DirectUploadRecord> {
  try {
    const bytes = await readObject(ports.objects, uploadRecordKey(requestId), MAX_RECORD_BYTES);
    // It was written here.
    return JSON.parse(bytes.toString()) as DirectUploadRecord;
  } catch (error) {
    throw isNotFound(error) ? noSuchUpload() : error;
  }
}

/** Idempotent. */
export const deleteUploadRecord = (ports: Pick<Ports, 'objects'>, requestId: string): Promise<void> =>
  ports.objects.delete(uploadRecordKey(requestId));

/** The upload as its store knows it. */
export const openUploadOf = (requestId: string, { uploadId, sizeBytes }: DirectUploadRecord): OpenUpload => ({
  key: uploadKey(requestId),
  uploadId,
  sizeBytes,
});
