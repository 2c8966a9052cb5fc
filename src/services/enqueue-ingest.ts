import { copyFile, link, rm } from 'node:fs/promises';
import { AppError, isAlreadyExists } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import { uploadKey } from '../domain/object-key.ts';
import type { RequestOrigin } from './actions/action.ts';
import { isOwnRecord, type IngestJob, type IngestPayload } from './ingest-job.ts';
import type { Ports } from './ports.ts';
import { reserveFilename } from './reserve-filename.ts';

const MAX_RETRIES = 3;

/** What is to be taken in, and under which name. */
export type IngestOrder = Omit<IngestPayload, 'upload_key'>;

/** An upload that lies somewhere, to be brought where the ingest looks for it. */
export interface IngestSource {
  /** Of the request that is going to take it in. */
  readonly requestId: string;
  readonly origin?: RequestOrigin | undefined;
  /** Brings it under the key. */
  moveTo(key: string): Promise<unknown>;
  /** The ingest could not be asked for, after all. */
  giveUp(key: string): Promise<void>;
}

type EnqueuePorts = Pick<
  Ports,
  'audioFiles' | 'objects' | 'queue' | 'newId' | 'clock' | 'wakeWorkers' | 'log'
>;

/**
 * Brings an upload to its place in the object store, asks for its ingest and takes the name. A crash between any two
 * steps leaves an upload that expires, or an ingest that takes the name itself.
 *
 * @returns the id of the request
 * @throws already_exists: then the ingest, which finds the same, removes the upload; conflict when the request is there
 */
export async function enqueueIngest(
  ports: EnqueuePorts,
  owner: Caller,
  source: IngestSource,
  order: IngestOrder,
): Promise<string> {
  const { tenantId, userId } = owner;
  const { requestId, origin } = source;
  const key = uploadKey(requestId);
  const job: IngestJob = { requestId, tenantId, userId, payload: { ...order, upload_key: key } };
  await source.moveTo(key);
  try {
    await ports.queue.enqueue({
      ...job,
      action: 'ingest',
      payload: { ...job.payload },
      maxRetries: MAX_RETRIES,
      ...origin,
    });
  } catch (error) {
    await source.giveUp(key);
    if (isAlreadyExists(error)) throw new AppError('conflict', 'This upload is being taken in already.');
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
export async function freeWhenFailed(
  ports: Pick<Ports, 'queue' | 'audioFiles'>,
  job: IngestJob,
): Promise<void> {
  const request = await ports.queue.find(job.requestId);
  if (request?.status !== 'FAILED') return;
  const file = await ports.audioFiles.find(job.tenantId, job.payload.filename);
  if (isOwnRecord(job, file) && file.state === 'processing') {
    await ports.audioFiles.delete(job.tenantId, job.payload.filename);
  }
}

/**
 * A file in the directory of temporary files.
 * @param keepsFile whether it stays there too, for another try under another name
 */
export function fileSource(
  ports: Pick<Ports, 'objects' | 'newId'>,
  path: string,
  keepsFile: boolean,
): IngestSource {
  const requestId = ports.newId();
  return {
    requestId,
    giveUp: (key) => ports.objects.delete(key),
    moveTo: (key) =>
      keepsFile ? takeSecond(ports, requestId, key, path) : ports.objects.takeFile(key, path),
  };
}

async function takeSecond(
  ports: Pick<Ports, 'objects'>,
  requestId: string,
  key: string,
  path: string,
): Promise<void> {
  const second = `${path}-${requestId}`;
  try {
    // Not every file system has hard links.
    await link(path, second).catch(() => copyFile(path, second));
    await ports.objects.takeFile(key, second);
  } finally {
    await rm(second, { force: true });
  }
}
