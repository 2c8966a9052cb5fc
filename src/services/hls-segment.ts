import { cutStretches } from '../audio/cut-stretches.ts';
import { finiteSegments, SEGMENT_MS, segmentFrames, timestampTag } from '../audio/hls-segments.ts';
import type { PlanPart } from '../audio/plan-part.ts';
import { slicePlan } from '../audio/plan-slice.ts';
import { joinBytesOf } from '../audio/stream-plan.ts';
import type { JoinedBytes } from '../audio/stream-plan.ts';
import { findHeldOfPlan } from '../audio/stream-reader.ts';
import { nameStretches, timelineBetween } from '../audio/timeline.ts';
import { AppError } from '../domain/app-error.ts';
import type { Caller } from '../domain/caller.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { framesOfFinite } from './hls-playlist.ts';
import { prepareHls, segmentSeed, timelinesOf } from './hls-order.ts';
import type { HlsRequest } from './hls-order.ts';
import { fromSecondOn, namingLost } from './lost-parts.ts';
import { bodyParts } from './play-stream.ts';
import type { ResolvedQueue } from './recent-queues.ts';
import { planOrder, seedOn, today } from './stream-order.ts';
import type { OrderPorts } from './stream-order.ts';
import { loadFrameIndex, readFinite } from './stream-source.ts';

/** A media segment, whose bytes never change. */
export interface HlsSegment {
  /** Strong, without its quotes. */
  readonly etag: string;
  readonly totalBytes: number;
  open(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** What of `open`'s bytes is in memory, from the first on as far as that goes; `enoughBytes` are enough. */
  findHeld(range: ByteRange, enoughBytes: number): Uint8Array[];
}

/**
 * Segment `number` of a stream that has an end, as long as its plan is the one that the list was made of.
 * @param request with the seed of the list, where the mode is shuffled
 * @throws as `prepareHls`; not_found when the plan is another by now, or has no such segment
 */
export async function openFiniteSegment(
  ports: OrderPorts,
  caller: Caller | null,
  request: HlsRequest,
  { etag, number }: { readonly etag: string; readonly number: number },
): Promise<HlsSegment> {
  const { listening, clock } = await prepareHls(ports, caller, request);
  if (clock !== null) throw listAnew();
  const { plan } = await planOrder(ports, listening, seedOn(ports, listening, today(ports)));
  const { segmentMs, count } = finiteSegments(plan.durationMs);
  if (plan.etag !== etag || number >= count) throw listAnew();
  const { start, endExclusive } = framesOfFinite(number, segmentMs, plan);
  const { signal } = request;
  const loadIndex = (part: PlanPart) => loadFrameIndex(ports, part, signal);
  const items = await slicePlan(plan.items, start, endExclusive, ports.pieces, { loadIndex, signal });
  const joined = joinBytesOf(items, timestampTag(start, plan.pace));
  return toSegment(ports, listening.queue, joined, `${etag}-${number}`);
}

/**
 * Segment `number` of the clock, as long as what is heard then is what the list named.
 * @throws as `prepareHls`; not_found when something else is heard then by now
 */
export async function openClockSegment(
  ports: OrderPorts,
  caller: Caller | null,
  request: HlsRequest,
  { id, number }: { readonly id: string; readonly number: number },
): Promise<HlsSegment> {
  const prepared = await prepareHls(ports, caller, request);
  const { clock } = prepared;
  if (clock === null) throw listAnew();
  const timeline = timelinesOf(clock)(segmentSeed(ports, prepared, request.live ?? false, number));
  const { start, endExclusive } = segmentFrames(number, SEGMENT_MS, clock.pace);
  const stretches = timelineBetween(timeline, start, endExclusive);
  if (stretches.length === 0 || nameStretches(stretches, start) !== id) throw listAnew();
  const { signal } = request;
  const loadIndex = (part: PlanPart) => loadFrameIndex(ports, part, signal);
  const items = await cutStretches(stretches, ports.pieces, { loadIndex, signal });
  const queue = clock.turns.flatMap(({ entries }) => entries);
  return toSegment(ports, queue, joinBytesOf(items, timestampTag(start, clock.pace)), id);
}

const toSegment = (
  ports: OrderPorts,
  queue: ResolvedQueue,
  joined: JoinedBytes,
  etag: string,
): HlsSegment => ({
  etag,
  totalBytes: joined.totalBytes,
  open: (range, signal) => {
    const chunks = readFinite(ports, joined, range, signal);
    const seen = range.start < joined.leadBytes ? fromSecondOn(chunks) : chunks;
    return namingLost(ports, () => bodyParts(queue), seen);
  },
  findHeld: (range, enoughBytes) => findHeldOfPlan(joined, range, ports.pieces, enoughBytes),
});

/** Never other bytes under the same URL: a player that is told so reads the list, and goes on there. */
const listAnew = (): AppError =>
  new AppError('not_found', 'Something else is heard now: read the playlist anew.');
