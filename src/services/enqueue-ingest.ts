import { copyFile, link, rm } from 'node:fs/promises';
import type { Caller } from '../domain/caller.ts';
import { uploadKey } from '../domain/object-key.ts';
import { isOwnRecord, type IngestJob, type IngestPayload } from './ingest-job.ts';
import type { Ports } from './ports.ts';
import { reserveFilename } from './reserve-filename.ts';

const MAX_RETRIES = 3;

/** What is to be taken in, and under which name. */
export type IngestOrder = Omit<IngestPayload, 'upload_key'>;

type EnqueuePorts = Pick<
  Ports,
  'audioFiles' | 'objects' | 'queue' | 'newId' | 'clock' | 'wakeWorkers' | 'log'
>;

/**
 * Moves a local file into the object store as an upload, asks for its ingest and takes the name. A crash between any
 * two steps leaves an upload that expires, or an ingest that takes the name itself.
 *
 * @param keepSource whether the file stays at its path too, for another try under another name
 * @returns the id of the request
 * @throws already_exists: then the ingest, which finds the same, removes the upload
 */
export async function enqueueIngest(
  ports: EnqueuePorts,
  owner: Caller,
  path: string,
  order: IngestOrder,
  keepSource: boolean,
): Promise<string> {
  const { tenantId, userId } = owner;
  const requestId = ports.newId();
  const key = uploadKey(requestId);
  const job: IngestJob = { requestId, tenantId, userId, payload: { ...order, upload_key: key } };
  await takeUpload(ports, requestId, path, keepSource);
  try {
    await ports.queue.enqueue({
      ...job,
      action: 'ingest',
      payload: { ...job.payload },
      maxRetries: MAX_RETRIES,
    });
  } catch (error) {
    await ports.objects.delete(key);
    throw error;
  }
  try {
    await reserveFilename(ports, job);
    await freeWhenFailed(ports, job);
  } finally {
    ports.wakeWorkers();
  }
  const { filename, original_size: sizeBytes } = order;
  ports.log.info({ requestId, filename, tenantId, userId, sizeBytes }, 'upload accepted');
  return requestId;
}

/** A worker may have been so quick that the ingest has failed, and cleaned up, before the name was taken here. */
async function freeWhenFailed(ports: Pick<Ports, 'queue' | 'audioFiles'>, job: IngestJob): Promise<void> {
  const request = await ports.queue.find(job.requestId);
  if (request?.status !== 'FAILED') return;
  const file = await ports.audioFiles.find(job.tenantId, job.payload.filename);
  if (isOwnRecord(job, file) && file.state === 'processing') {
    await ports.audioFiles.delete(job.tenantId, job.payload.filename);
  }
}

async function takeUpload(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  path: string,
  keepSource: boolean,
): Promise<void> {
  const key = uploadKey(requestId);
  if (!keepSource) {
    await ports.objects.takeFile(key, path);
    return;
  }
  const second = `${path}-${requestId}`;
  try {
    // Not every file system has hard links.
    await link(path, second).catch(() => copyFile(path, second));
    await ports.objects.takeFile(key, second);
  } finally {
    await rm(second, { force: true });
  }
}
