import { throwIfAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PlanSegment, StreamPlan } from './stream-plan.ts';

/**
 * The bytes of one range of a plan, in chunks that are shared: never write into them. A part is read when its turn
 * comes, a piece at a time.
 *
 * Either exactly the range's bytes come, or it throws: what the store throws when a part is gone, storage_unavailable
 * when one is not as long as it was, aborted once `signal` is. Other bytes never stand in.
 */
export async function* readPlan(
  plan: StreamPlan,
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
    throwIfAborted(signal);
    const from = Math.max(segment.start, range.start) - segment.start;
    const to = Math.min(segment.endExclusive, range.endExclusive) - segment.start;
    if (to > from) yield* readSegment(segment, from, to, pieces, signal);
  }
}

async function* readSegment(
  segment: PlanSegment,
  from: number,
  to: number,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (segment.kind === 'bytes') {
    yield segment.bytes.subarray(from, to);
    return;
  }
  const range = { start: segment.sourceStart + from, endExclusive: segment.sourceStart + to };
  let missingBytes = to - from;
  for await (const chunk of pieces.read(segment, range, signal)) {
    missingBytes -= chunk.length;
    // Whatever has been sent by now is right; one byte more than promised would not be.
    if (missingBytes < 0) break;
    yield chunk;
  }
  if (missingBytes !== 0) {
    throw new AppError('storage_unavailable', 'A part of the stream is not as long as its record says.');
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
