import { encodeFrameIndex } from '../../../audio/frame-index.ts';
import { originalExtension } from '../../../domain/filename.ts';
import { frameIndexKey, originalKey } from '../../../domain/object-key.ts';
import { RETIRED_FOR_MS } from '../../../domain/retired-object.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';
import type { MadePlayable } from './phase-4-make-playable.ts';

export interface StoredObjects {
  readonly originalKey: string;
}

/**
 * Puts the playable part, its frame index and the original into the object store. Content decides their keys: what is
 * there already is not written again, and a second run finds what the first one stored.
 */
export async function store(ports: IngestPorts, job: IngestJob, made: MadePlayable): Promise<StoredObjects> {
  const { objects, retired } = ports;
  const { part } = made;
  const { original_filename: originalFilename, original_sha256: originalSha256 } = job.payload;
  const key = originalKey(originalSha256, originalExtension(originalFilename));

  // Announced for the sweep before they are there, which spares what a record names by then: a crash from here on
  // leaves nothing for ever, and a sweep that was due for the same content is put off.
  const sweepAtMs = ports.clock() + RETIRED_FOR_MS;
  await retired.add({ key: part.key, sweepAtMs });
  await retired.add({ key, sweepAtMs });

  await objects.write(frameIndexKey(part.sha256), [encodeFrameIndex(made.index)]);
  const stored = await objects.find(part.key);
  if (stored?.sizeBytes !== part.sizeBytes) await objects.takeFile(part.key, made.path);
  const original = await objects.find(key);
  if (original?.sizeBytes !== job.payload.original_size) await objects.copy(job.payload.upload_key, key);
  return { originalKey: key };
}
