import { createHash } from 'node:crypto';
import { encodeFrameIndex } from '../../../audio/frame-index.ts';
import { coverKey } from '../../../domain/cover.ts';
import type { Cover } from '../../../domain/cover.ts';
import { originalExtension } from '../../../domain/filename.ts';
import { frameIndexKey, originalKey, waveformKey } from '../../../domain/object-key.ts';
import { RETIRED_FOR_MS } from '../../../domain/retired-object.ts';
import type { IngestJob, IngestPorts } from '../../ingest-job.ts';
import type { MadePlayable } from './phase-4-make-playable.ts';

export interface StoredObjects {
  readonly originalKey: string;
  readonly coverKey?: string | undefined;
  readonly waveformKey: string;
}

/**
 * Puts the playable part, its frame index and peaks, the original and the cover into the object store. Content decides
 * their keys: what is there already is not written again, and a second run finds what the first one stored.
 */
export async function store(
  ports: IngestPorts,
  job: IngestJob,
  made: MadePlayable,
  cover: Cover | undefined,
): Promise<StoredObjects> {
  const { objects, retired } = ports;
  const { part } = made;
  const { original_filename: originalFilename, original_sha256: originalSha256 } = job.payload;
  const key = originalKey(originalSha256, originalExtension(originalFilename));
  const coverAt = cover === undefined ? undefined : coverKey(sha256Of(cover.bytes), cover.mediaType);
  const waveformAt = waveformKey(part.sha256);

  // Announced for the sweep before they are there, which spares what a record names by then: a crash from here on
  // leaves nothing for ever, and a sweep that was due for the same content is put off. Index and peaks go with the part.
  const sweepAtMs = ports.clock() + RETIRED_FOR_MS;
  for (const announced of [part.key, key, coverAt]) {
    if (announced !== undefined) await retired.add({ key: announced, sweepAtMs });
  }

  await objects.write(frameIndexKey(part.sha256), [encodeFrameIndex(made.index)]);
  await objects.write(waveformAt, [made.waveform]);
  const stored = await objects.find(part.key);
  if (stored?.sizeBytes !== part.sizeBytes) await objects.takeFile(part.key, made.path);
  const original = await objects.find(key);
  if (original?.sizeBytes !== job.payload.original_size) await objects.copy(job.payload.upload_key, key);
  if (cover !== undefined && coverAt !== undefined) {
    const storedCover = await objects.find(coverAt);
    if (storedCover?.sizeBytes !== cover.bytes.length) await objects.write(coverAt, [cover.bytes]);
  }
  return { originalKey: key, coverKey: coverAt, waveformKey: waveformAt };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
