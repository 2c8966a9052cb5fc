import { throwIfAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { epochTracks } from './endless.ts';
import { readFaded } from './fade-reader.ts';
import { findHeldChunks } from './held-chunks.ts';
import type { PieceCache } from './piece-cache.ts';
import type { JoinedBytes, PlanSegment } from './stream-plan.ts';

/**
 * The bytes of one range of a plan, in chunks that are shared: never write into them. A part is read when its turn
 * comes, a piece at a time.
 *
 * Either exactly the range's bytes come, or it throws: what the store throws when a part is gone, storage_unavailable
 * when one is not as long as it was, aborted once `signal` is. Other bytes never stand in.
 */
export async function* readPlan(
  plan: JoinedBytes,
  range: ByteRange,
  pieces: PieceCache,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (range.start < 0 || range.endExclusive > plan.totalBytes) {
    throw new RangeError(`${range.start}-${range.endExclusive} is not within ${plan.totalBytes} bytes.`);
  }
  for (let at = findSegment(plan.segments, range.start); at < plan.segments.length; at += 1) {
    const segment = plan.segments[at];
    if (segment === undefined || segment.start >= range.endExclusive) return;
    const start = Math.max(segment.start, range.start) - segment.start;
    const endExclusive = Math.min(segment.endExclusive, range.endExclusive) - segment.start;
    if (endExclusive <= start) continue;
    // Not `yield*`, which takes more turns for each chunk.
    for await (const chunk of readSegment(segment, { start, endExclusive }, pieces, signal)) yield chunk;
  }
}

/**
 * At once, what `readPlan` would give without reading anything, from the range's start on as far as that goes: what the
 * cache holds of whole parts. Nothing of a part, nothing at all: the Info frame alone says not that there is more.
 * @param enoughBytes once there are so many, no more are looked for
 */
export function findHeldOfPlan(
  plan: JoinedBytes,
  range: ByteRange,
  pieces: PieceCache,
  enoughBytes: number,
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = range.start;
  for (let next = findSegment(plan.segments, at); at < range.endExclusive; next += 1) {
    const segment = plan.segments[next];
    if (segment === undefined || at - range.start >= enoughBytes) break;
    const end = Math.min(segment.endExclusive, range.endExclusive);
    const within = { start: at - segment.start, endExclusive: end - segment.start };
    for (const chunk of findHeldOfSegment(segment, within, pieces, enoughBytes - (at - range.start))) {
      chunks.push(chunk);
      at += chunk.length;
    }
    if (at < end) break;
  }
  return at > plan.leadBytes || at === range.endExclusive ? chunks : [];
}

/** @param range within the segment */
function findHeldOfSegment(
  segment: PlanSegment,
  range: ByteRange,
  pieces: PieceCache,
  enoughBytes: number,
): Uint8Array[] {
  if (segment.kind === 'bytes') return [segment.bytes.subarray(range.start, range.endExclusive)];
  if (segment.kind === 'turns' || segment.transform !== undefined) return [];
  const { sourceStart } = segment;
  const source = { start: sourceStart + range.start, endExclusive: sourceStart + range.endExclusive };
  return findHeldChunks(pieces, segment, source, enoughBytes);
}

/** @param range within the segment */
function readSegment(
  segment: PlanSegment,
  range: ByteRange,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (segment.kind === 'turns') return readTurns(segment, range, pieces, signal);
  if (segment.kind === 'bytes') return readBytes(segment.bytes, range);
  return readPart(segment, range, pieces, signal);
}

async function* readBytes(bytes: Uint8Array, range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes.subarray(range.start, range.endExclusive);
}

async function* readPart(
  segment: Extract<PlanSegment, { kind: 'part' }>,
  range: ByteRange,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  throwIfAborted(signal);
  const { sourceStart, transform } = segment;
  const source = { start: sourceStart + range.start, endExclusive: sourceStart + range.endExclusive };
  const chunks =
    transform === undefined
      ? pieces.read(segment, source, signal)
      : readFaded(segment, transform, range, pieces, signal);
  let missingBytes = range.endExclusive - range.start;
  for await (const chunk of chunks) {
    missingBytes -= chunk.length;
    // Whatever has been sent by now is right; one byte more than promised would not be.
    if (missingBytes < 0) break;
    yield chunk;
  }
  if (missingBytes !== 0) {
    throw new AppError('storage_unavailable', 'A part of the stream is not as long as its record says.');
  }
}

/** Every epoch has the same bytes, so the first is found by division. */
async function* readTurns(
  segment: Extract<PlanSegment, { kind: 'turns' }>,
  range: ByteRange,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { endless, firstEpoch } = segment;
  const skipped = Math.floor(range.start / endless.epochBytes);
  let start = skipped * endless.epochBytes;
  for (let epoch = firstEpoch + skipped; start < range.endExclusive; epoch += 1) {
    for (const { partIndex, part } of epochTracks(endless, epoch)) {
      const { key, sizeBytes, audioStartByte: sourceStart, audioBytes } = part;
      const endExclusive = start + audioBytes;
      const within = {
        start: Math.max(0, range.start - start),
        endExclusive: Math.min(audioBytes, range.endExclusive - start),
      };
      if (within.start < within.endExclusive) {
        const track = { kind: 'part', partIndex, key, sizeBytes, sourceStart, start, endExclusive } as const;
        yield* readPart(track, within, pieces, signal);
      }
      start = endExclusive;
    }
  }
}

/** The segment that holds byte `at`, by binary search: a stream may have thousands. */
function findSegment(segments: readonly PlanSegment[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((segments[middle]?.endExclusive ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
