import type { PresignGet } from './presigned-get.ts';

/** A stretch of an object that is to be made. */
export interface WholeSegment {
  readonly start: number;
  readonly endExclusive: number;
  /** Where the object store has just these bytes; absent for those that are made on their way. */
  readonly copyFrom?: { readonly key: string; readonly start: number } | undefined;
}

export interface WholeObject {
  readonly sizeBytes: number;
  /** The store's own, with its quotes: what a client compares by that has read the object there. */
  readonly etag: string;
}

/** An object that is to be made of others. */
export interface WholeObjectPlan {
  readonly key: string;
  readonly sizeBytes: number;
  /** Ours, without its quotes: kept with the object, for what stands before the store. */
  readonly etag: string;
  readonly contentType: string;
  /** Without gaps, in order. */
  readonly segments: Iterable<WholeSegment>;
  /** Exactly these bytes of it. */
  read(start: number, endExclusive: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * Objects that hold what is too long to be answered, and may be read by whoever is given their address. What is under a
 * key is always the same: two who make it at once do no harm.
 *
 * Every method may throw storage_unavailable.
 */
export interface WholeObjects {
  find(key: string): Promise<WholeObject | null>;
  /**
   * Makes the object, whole or not at all, with as many bytes in memory as a few parts have. Of a maker that dies, an
   * upload is left that nobody completes, and that the store's own rules remove.
   * @throws aborted; what `read` throws
   */
  make(plan: WholeObjectPlan, signal: AbortSignal): Promise<void>;
  readonly presign: PresignGet;
}

const MIB = 1024 * 1024;

/** S3's limits: of all parts but the last, and of their number. */
export const MIN_PART_BYTES = 5 * MIB;
const MAX_PARTS = 10_000;
const WANTED_PART_BYTES = 8 * MIB;

/**
 * The parts that an object is put together of: long stretches of other objects are copied where they are, and what lies
 * between them is gathered, each part but the last at least `minBytes` long.
 */
export function cutIntoWholeParts(
  segments: Iterable<WholeSegment>,
  sizeBytes: number,
  minBytes: number = MIN_PART_BYTES,
  wantedBytes: number = WANTED_PART_BYTES,
): WholeSegment[] {
  const gatheredBytes = Math.max(wantedBytes, Math.ceil((2 * sizeBytes) / MAX_PARTS));
  const parts: WholeSegment[] = [];
  let start = 0;
  let end = 0;
  const gather = () => {
    while (end - start >= gatheredBytes + minBytes) {
      parts.push({ start, endExclusive: start + gatheredBytes });
      start += gatheredBytes;
    }
    if (end > start) parts.push({ start, endExclusive: end });
    start = end;
  };
  for (const { copyFrom, endExclusive } of segments) {
    const from = end;
    // What has been gathered takes from this one what it lacks.
    const lacking = start === from ? 0 : Math.max(0, minBytes - (from - start));
    const copied = endExclusive - from - lacking;
    if (copyFrom === undefined || copied < Math.max(minBytes, gatheredBytes / 2)) {
      end = endExclusive;
      continue;
    }
    end = from + lacking;
    gather();
    parts.push({
      start: end,
      endExclusive,
      copyFrom: { key: copyFrom.key, start: copyFrom.start + lacking },
    });
    start = end = endExclusive;
  }
  gather();
  return parts;
}
