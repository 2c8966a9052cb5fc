import type { PlayablePart } from '../domain/audio-file.ts';

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
  /** Without gaps from 0 to `totalBytes`, in order, none empty. */
  readonly segments: readonly PlanSegment[];
  readonly tracks: readonly PlanTrack[];
}
