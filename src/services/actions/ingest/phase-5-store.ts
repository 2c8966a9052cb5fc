import { encodeFrameIndex } from '../../../audio/frame-index.ts';
import { originalExtension } from '../../../domain/filename.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';
import type { MadePlayable } from './phase-4-make-playable.ts';

export interface StoredObjects {
  readonly originalKey: string;
}

/** How long an object that no record names is kept: a listener is not cut off, and a store that was cut short by a
 * crash leaves nothing for longer. */
export const KEEP_RETIRED_MS = 24 * 3_600_000;

/**
 * Puts the playable part, its frame index and the original into the object store. Content decides their keys: what is
 * there already is not written again, and a second run finds what the first one stored.
 */
export async function store(ports: IngestPorts, job: IngestJob, made: MadePlayable): Promise<StoredObjects> {
  const { objects, retired } = ports;
  const { part } = made;
  const originalKey = `originals/${job.payload.original_sha256}.${originalExtension(job.payload.original_filename)}`;

  // Announced for the sweep before they are there, which spares what a record names by then: a crash from here on
  // leaves nothing for ever, and a sweep that was due for the same content is put off.
  const sweepAtMs = ports.clock() + KEEP_RETIRED_MS;
  await retired.add({ key: part.key, sweepAtMs });
  await retired.add({ key: originalKey, sweepAtMs });

  await objects.write(`index/${part.sha256}`, [encodeFrameIndex(made.index)]);
  const stored = await objects.find(part.key);
  if (stored?.sizeBytes !== part.sizeBytes) await objects.takeFile(part.key, made.path);
  const original = await objects.find(originalKey);
  if (original?.sizeBytes !== job.payload.original_size)
    await objects.copy(job.payload.upload_key, originalKey);
  return { originalKey };
}
