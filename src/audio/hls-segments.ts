import { framesToMs, msToFrame } from './frame-pace.ts';
import type { FramePace } from './frame-pace.ts';

/** Frames of a media segment (RFC 8216, 3): whole ones, each in one segment. */
export interface SegmentFrames {
  readonly start: number;
  readonly endExclusive: number;
}

export const SEGMENT_MS = 10_000;
/** Of a finite stream: longer ones make their segments longer, so that no playlist is larger than a few pages. */
export const MAX_FINITE_SEGMENTS = 10_000;

/** Segment `number` of what is cut every `segmentMs`: from the frame that plays when it begins. */
export const segmentFrames = (number: number, segmentMs: number, pace: FramePace): SegmentFrames => ({
  start: msToFrame(number * segmentMs, pace),
  endExclusive: msToFrame((number + 1) * segmentMs, pace),
});

/** How a finite stream is cut: every ten seconds, or as many whole seconds as it takes to come to 10,000 segments. */
export function finiteSegments(durationMs: number): { readonly segmentMs: number; readonly count: number } {
  const longest = Math.ceil(durationMs / MAX_FINITE_SEGMENTS / 1000) * 1000;
  const segmentMs = Math.max(SEGMENT_MS, longest);
  return { segmentMs, count: Math.ceil(durationMs / segmentMs) };
}

/**
 * Segments of the clock that are on the list at a time. It ends two after the one that plays, so that a player, which
 * begins three from the end (RFC 8216, 6.3.3), begins where the clock is; and reaches back so far that it always holds
 * more than three target durations (6.2.2).
 */
export const SEGMENTS_BEHIND = 3;
export const SEGMENTS_AHEAD = 2;

export const segmentAt = (nowMs: number): number => Math.floor(nowMs / SEGMENT_MS);

/** Nothing before this time may change any more: it is listed, or is soon, by an instance whose clock is ten seconds ahead. */
export const listedUntilMs = (nowMs: number): number => (segmentAt(nowMs) + SEGMENTS_AHEAD + 2) * SEGMENT_MS;

/** How long what has played may be asked for (6.2.2): the longest list and a segment, and as much again. */
export const KEEP_PLAYED_MS = 3 * 60_000;

const TICKS_PER_S = 90_000n;
const TIMESTAMP_VALUES = 1n << 33n;
const OWNER = 'com.apple.streaming.transportStreamTimestamp';
const ID3_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const TIMESTAMP_BYTES = 8;

/**
 * The ID3v2.4 tag that a segment of packed audio begins with (RFC 8216, 3.4): a PRIV frame with the time of its first
 * sample on the clock of 90 kHz, 33 bits of it, big-endian in eight bytes.
 */
export function timestampTag(frame: number, pace: FramePace): Uint8Array {
  const owner = new TextEncoder().encode(`${OWNER}\0`);
  const bodyBytes = owner.length + TIMESTAMP_BYTES;
  const tag = new Uint8Array(ID3_HEADER_BYTES + FRAME_HEADER_BYTES + bodyBytes);
  const view = new DataView(tag.buffer);
  tag.set(new TextEncoder().encode('ID3'));
  tag[3] = 4;
  // Sizes in bytes of seven bits; both are below 128.
  tag[9] = FRAME_HEADER_BYTES + bodyBytes;
  tag.set(new TextEncoder().encode('PRIV'), ID3_HEADER_BYTES);
  tag[ID3_HEADER_BYTES + 7] = bodyBytes;
  tag.set(owner, ID3_HEADER_BYTES + FRAME_HEADER_BYTES);
  view.setBigUint64(tag.length - TIMESTAMP_BYTES, timestampOf(frame, pace));
  return tag;
}

/** Exact: a frame of these years times 90,000 is more than a double holds. */
const timestampOf = (frame: number, { samplesPerFrame, sampleRateHz }: FramePace): bigint =>
  ((BigInt(frame) * BigInt(samplesPerFrame) * TICKS_PER_S) / BigInt(sampleRateHz)) % TIMESTAMP_VALUES;

/** Seconds that a segment plays, for its `EXTINF`. */
export const segmentSeconds = ({ start, endExclusive }: SegmentFrames, pace: FramePace): number =>
  framesToMs(endExclusive - start, pace) / 1000;
