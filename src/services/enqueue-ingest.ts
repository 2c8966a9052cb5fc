import { copyFile, link, rm } from 'node:fs/promises';
import type { Caller } from '../domain/caller.ts';
import type { JsonValue } from '../domain/request.ts';
import type { IngestPayload } from './actions/ingest/ingest-job.ts';
import type { Ports } from './ports.ts';
import { reserveFilename, type FilenameReservation } from './reserve-filename.ts';

const MAX_RETRIES = 3;

/** What is to be taken in, and under which name. */
export interface IngestOrder extends Omit<FilenameReservation, 'requestId' | 'tenantId' | 'userId'> {
  /** Whether the source stays at its path too, for another try under another name. */
  readonly keepSource: boolean;
}

type EnqueuePorts = Pick<
  Ports,
  'audioFiles' | 'objects' | 'queue' | 'newId' | 'clock' | 'wakeWorkers' | 'log'
>;

/**
 * Moves a local file into the object store as an upload, asks for its ingest and takes the name. A crash between any
 * two steps leaves an upload that expires, or an ingest that takes the name itself.
 *
 * @returns the id of the request
 * @throws already_exists: then the ingest, which finds the same, removes the upload
 */
export async function enqueueIngest(
  ports: EnqueuePorts,
  owner: Caller,
  path: string,
  order: IngestOrder,
): Promise<string> {
  const { tenantId, userId } = owner;
  const { keepSource, ...described } = order;
  const requestId = ports.newId();
  const uploadKey = `uploads/${requestId}`;
  await takeUpload(ports, uploadKey, path, keepSource);
  try {
    const payload = toPayload(uploadKey, order);
    await ports.queue.enqueue({
      requestId,
      action: 'ingest',
      payload,
      userId,
      tenantId,
      maxRetries: MAX_RETRIES,
    });
  } catch (error) {
    await ports.objects.delete(uploadKey);
    throw error;
  }
  try {
    await reserveFilename(ports, { ...described, requestId, tenantId, userId });
  } finally {
    ports.wakeWorkers();
  }
  const { filename, originalSizeBytes } = order;
  ports.log.info({ requestId, filename, tenantId, userId, sizeBytes: originalSizeBytes }, 'upload accepted');
  return requestId;
}

function toPayload(uploadKey: string, order: IngestOrder): JsonValue {
  const payload: IngestPayload = {
    upload_key: uploadKey,
    filename: order.filename,
    original_filename: order.originalFilename,
    original_sha256: order.originalSha256,
    original_size: order.originalSizeBytes,
    ...(order.title !== undefined && { title: order.title }),
    ...(order.description !== undefined && { description: order.description }),
    ...(order.replace && { replace: true }),
  };
  return { ...payload };
}

async function takeUpload(
  ports: Pick<Ports, 'objects'>,
  key: string,
  path: string,
  keepSource: boolean,
): Promise<void> {
  if (!keepSource) {
    await ports.objects.takeFile(key, path);
    return;
  }
  const second = `${path}-${key.slice('uploads/'.length)}`;
  try {
    // Not every file system has hard links.
    await link(path, second).catch(() => copyFile(path, second));
    await ports.objects.takeFile(key, second);
  } finally {
    await rm(second, { force: true });
  }
}
