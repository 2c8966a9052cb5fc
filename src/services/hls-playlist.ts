import { framesToMs, msToFrame } from '../audio/frame-pace.ts';
import type { FramePace } from '../audio/frame-pace.ts';
import {
  finiteSegments,
  SEGMENT_MS,
  segmentAt,
  segmentFrames,
  SEGMENTS_AHEAD,
  SEGMENTS_BEHIND,
  segmentSeconds,
} from '../audio/hls-segments.ts';
import { endOfTimeline, nameStretches, timelineBetween } from '../audio/timeline.ts';
import type { Caller } from '../domain/caller.ts';
import { isShuffled } from '../domain/play-mode.ts';
import { isOfListener, prepareHls, segmentSeed, timelinesOf } from './hls-order.ts';
import type { HlsListening, HlsRequest } from './hls-order.ts';
import type { StreamClock } from './stream-clock.ts';
import { planOrder, seedOn, today } from './stream-order.ts';
import type { Listening, OrderPorts } from './stream-order.ts';

interface Playlist {
  /** Seconds, whole: no segment is longer, rounded. */
  readonly targetS: number;
  /** Whether another listener has another list under the same URL. */
  readonly isOfListener: boolean;
}

/** All of a stream that has an end. */
export interface FinitePlaylist extends Playlist {
  readonly kind: 'finite';
  /** Of the plan that its segments are cut from, unquoted. */
  readonly etag: string;
  /** Of shuffled modes. */
  readonly seed?: number | undefined;
  /** Seconds of each segment, numbered from 0. */
  readonly seconds: readonly number[];
}

/** The window around now of a stream that goes by the clock. */
export interface ClockPlaylist extends Playlist {
  readonly kind: 'clock';
  readonly segments: readonly ClockSegment[];
  /** Nothing comes after the last segment: the stream was given an end, and this is where it stops. */
  readonly isEnded: boolean;
  /** Another segment is on the list from then on. */
  readonly untilMs: number;
}

export interface ClockSegment {
  /** The same in every list, of whichever instance; rises by one from segment to segment. */
  readonly number: number;
  /** Names what is heard in it. */
  readonly id: string;
  /** Where a shuffle plays, or has played. */
  readonly seed?: number | undefined;
  readonly startMs: number;
  readonly seconds: number;
}

/**
 * What a player of HTTP Live Streaming is to read (RFC 8216): a function of the stream, the seed and the time alone.
 * @throws as `prepareHls`
 */
export async function makePlaylist(
  ports: OrderPorts,
  caller: Caller | null,
  request: HlsRequest,
): Promise<FinitePlaylist | ClockPlaylist> {
  const prepared = await prepareHls(ports, caller, request);
  const { listening, clock } = prepared;
  const live = request.live ?? false;
  const ofListener = isOfListener(listening, live, clock);
  if (clock === null) return { ...(await listFinite(ports, listening)), isOfListener: ofListener };
  return { ...listAroundNow(ports, prepared, clock, live), isOfListener: ofListener };
}

async function listFinite(
  ports: OrderPorts,
  listening: Listening,
): Promise<Omit<FinitePlaylist, 'isOfListener'>> {
  const { plan, seed } = await planOrder(ports, listening, seedOn(ports, listening, today(ports)));
  const { segmentMs, count } = finiteSegments(plan.durationMs);
  const seconds = Array.from({ length: count }, (_, number) =>
    segmentSeconds(framesOfFinite(number, segmentMs, plan), plan.pace),
  );
  return {
    kind: 'finite',
    etag: plan.etag,
    ...(isShuffled(listening.playMode) && { seed }),
    seconds,
    targetS: segmentMs / 1000,
  };
}

/** Segment `number` of a plan, which the last frame ends. */
export function framesOfFinite(
  number: number,
  segmentMs: number,
  { durationMs, pace }: { readonly durationMs: number; readonly pace: FramePace },
) {
  const { start, endExclusive } = segmentFrames(number, segmentMs, pace);
  return { start, endExclusive: Math.min(endExclusive, msToFrame(durationMs, pace)) };
}

function listAroundNow(
  ports: OrderPorts,
  prepared: HlsListening,
  clock: StreamClock,
  live: boolean,
): Omit<ClockPlaylist, 'isOfListener'> {
  const { pace } = clock;
  const playing = segmentAt(ports.clock());
  const timelineOf = timelinesOf(clock);
  const segments: ClockSegment[] = [];
  const isShuffledClock = clock.turns.some(({ mode }) => isShuffled(mode));
  let isEnded = false;
  for (
    let number = Math.max(0, playing - SEGMENTS_BEHIND);
    number <= playing + SEGMENTS_AHEAD && !isEnded;
    number += 1
  ) {
    const seed = segmentSeed(ports, prepared, live, number);
    const timeline = timelineOf(seed);
    const { start, endExclusive } = segmentFrames(number, SEGMENT_MS, pace);
    const end = Math.min(endExclusive, endOfTimeline(timeline));
    isEnded = end < endExclusive;
    if (end <= start) break;
    segments.push({
      number,
      id: nameStretches(timelineBetween(timeline, start, end), start),
      ...(isShuffledClock && { seed }),
      startMs: framesToMs(start, pace),
      seconds: segmentSeconds({ start, endExclusive: end }, pace),
    });
  }
  return {
    kind: 'clock',
    segments,
    isEnded,
    untilMs: (playing + 1) * SEGMENT_MS,
    targetS: SEGMENT_MS / 1000,
  };
}
