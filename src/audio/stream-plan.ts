import { createHash } from 'node:crypto';
import type { PlayablePart } from '../domain/audio-file.ts';
import { DEFAULT_PROFILE } from '../domain/media-tool.ts';
import type { AudioProfile } from '../domain/media-tool.ts';
import { commonPace, framesToMs } from './frame-pace.ts';
import type { FramePace } from './frame-pace.ts';
import { makeInfoFrame } from './info-frame.ts';
import type { InfoFrameContent } from './info-frame.ts';

/** Raised whenever the same parts in the same order would give other bytes than before. */
export const JOINER_VERSION = 1;

const ETAG_BYTES = 16;

/** What a plan needs to know of a part. */
export type PlanPart = Pick<
  PlayablePart,
  | 'key'
  | 'sha256'
  | 'audioStartByte'
  | 'audioBytes'
  | 'frameCount'
  | 'samplesPerFrame'
  | 'sampleRateHz'
  | 'constantBitrate'
  | 'bitrateKbps'
>;

/** Where bytes `start` to `endExclusive` of the joined stream come from. */
export type PlanSegment =
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly start: number;
      readonly endExclusive: number;
    }
  | {
      readonly kind: 'part';
      readonly partIndex: number;
      readonly key: string;
      /** Of the whole object under `key`. */
      readonly sizeBytes: number;
      /** Where in the object the segment's first byte is. */
      readonly sourceStart: number;
      readonly start: number;
      readonly endExclusive: number;
    };

/** One track as it is heard. Times are exact to the frame and not rounded to whole milliseconds. */
export interface PlanTrack {
  readonly partIndex: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly startByte: number;
  readonly lengthBytes: number;
}

/** A finite joined stream: every byte of it, by where it comes from. */
export interface StreamPlan {
  /** Unquoted; letters, digits, `-` and `_`. */
  readonly etag: string;
  readonly totalBytes: number;
  readonly durationMs: number;
  /** Without gaps from 0 to `totalBytes`, in order. */
  readonly segments: readonly PlanSegment[];
  readonly tracks: readonly PlanTrack[];
}

/**
 * The finite stream of `parts` in `order` (indices into them): an Info frame, then the audio frames of each.
 *
 * Pure: the same parts in the same order give the same plan, ETag and bytes everywhere. Of the parts only what decides
 * bytes enters the ETag.
 * @throws conflict when there is nothing to play, or when parts of different profiles would have to be joined
 */
export function planStream(
  parts: readonly PlanPart[],
  order: readonly number[],
  profile: AudioProfile = DEFAULT_PROFILE,
): StreamPlan {
  const ordered = order.map((partIndex) => ({ partIndex, part: partAt(parts, partIndex) }));
  const pace = commonPace(ordered.map(({ part }) => part));
  const infoFrame = makeInfoFrame(
    describeJoined(
      ordered.map(({ part }) => part),
      pace,
      profile,
    ),
  );

  const segments: PlanSegment[] = [
    { kind: 'bytes', bytes: infoFrame, start: 0, endExclusive: infoFrame.length },
  ];
  const tracks: PlanTrack[] = [];
  let start = infoFrame.length;
  let frames = 0;
  for (const { partIndex, part } of ordered) {
    const endExclusive = start + part.audioBytes;
    const { key, audioStartByte: sourceStart } = part;
    const sizeBytes = sourceStart + part.audioBytes;
    segments.push({ kind: 'part', partIndex, key, sizeBytes, sourceStart, start, endExclusive });
    tracks.push({
      partIndex,
      startMs: framesToMs(frames, pace),
      durationMs: framesToMs(part.frameCount, pace),
      startByte: start,
      lengthBytes: part.audioBytes,
    });
    start = endExclusive;
    frames += part.frameCount;
  }
  return {
    etag: hashParts(
      ordered.map(({ part }) => part),
      infoFrame,
    ),
    totalBytes: start,
    durationMs: framesToMs(frames, pace),
    segments,
    tracks,
  };
}

function partAt(parts: readonly PlanPart[], index: number): PlanPart {
  const part = parts[index];
  if (part === undefined) throw new RangeError(`There is no part ${index}.`);
  return part;
}

/** What the joined audio is, for its Info frame. Inside a part its bytes are taken as spread evenly: the positions are
 * in 1/256 of all bytes anyway, and a plan reads nothing. */
function describeJoined(
  parts: readonly PlanPart[],
  pace: FramePace,
  profile: AudioProfile,
): InfoFrameContent {
  const bitrateKbps = parts[0]?.bitrateKbps;
  const constantBitrate = parts.every((part) => part.constantBitrate && part.bitrateKbps === bitrateKbps);
  let next = 0;
  let partFrame = 0;
  let partByte = 0;
  return {
    sampleRateHz: pace.sampleRateHz,
    channels: profile.channels,
    bitrateKbps: constantBitrate && bitrateKbps !== undefined ? bitrateKbps : profile.bitrateKbps,
    constantBitrate,
    frameCount: parts.reduce((sum, part) => sum + part.frameCount, 0),
    audioBytes: parts.reduce((sum, part) => sum + part.audioBytes, 0),
    byteOfFrame: (frame) => {
      let part = parts[next];
      while (part !== undefined && frame >= partFrame + part.frameCount) {
        partFrame += part.frameCount;
        partByte += part.audioBytes;
        next += 1;
        part = parts[next];
      }
      if (part === undefined) return partByte;
      return partByte + Math.floor(((frame - partFrame) * part.audioBytes) / part.frameCount);
    },
  };
}

/** 128 bits of SHA-256 over the joiner's version, the Info frame, and which bytes of which content follow. */
function hashParts(parts: readonly PlanPart[], infoFrame: Uint8Array): string {
  const hash = createHash('sha256').update(`earshot/joiner/${JOINER_VERSION}\n`).update(infoFrame);
  // In one piece: a call for each of thousands of parts takes longer than all the rest of a plan.
  hash.update(parts.map((part) => `\n${part.sha256} ${part.audioStartByte} ${part.audioBytes}`).join(''));
  return hash.digest().subarray(0, ETAG_BYTES).toString('base64url');
}
