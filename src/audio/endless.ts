import { AppError } from '../domain/app-error.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { commonPace, framesToMs, msToFrame } from './frame-pace.ts';
import type { FramePace } from './frame-pace.ts';
import type { PlanPart } from './plan-part.ts';
import { orderTracks } from './track-order.ts';

/**
 * A stream without end: its parts once in each epoch, epoch after epoch, in an order that only the mode, the seed and
 * the epoch's number decide. Every epoch has the same frames and bytes, so any moment is found by division. Of a finite
 * mode, epoch 0 is all there is.
 */
export interface Endless {
  readonly mode: PlayMode;
  readonly seed: number;
  readonly parts: readonly PlanPart[];
  readonly pace: FramePace;
  readonly epochFrames: number;
  readonly epochBytes: number;
  readonly epochMs: number;
}

/** A frame of an endless stream. */
export interface EndlessPosition {
  readonly epoch: number;
  /** Place in the epoch's order. */
  readonly trackIndex: number;
  readonly partIndex: number;
  readonly frameInPart: number;
  /** When this frame plays: at most the time asked for, by less than a frame. */
  readonly ms: number;
}

/** A track as it plays in an endless stream. */
export interface EndlessTrack {
  readonly epoch: number;
  readonly trackIndex: number;
  readonly partIndex: number;
  readonly part: PlanPart;
}

/** @throws conflict when there is nothing to play, or parts of different profiles would have to be joined */
export function createEndless(parts: readonly PlanPart[], mode: PlayMode, seed: number): Endless {
  const pace = commonPace(parts);
  const epochFrames = parts.reduce((sum, part) => sum + part.frameCount, 0);
  if (epochFrames === 0) throw new AppError('conflict', 'There is nothing to play: the files are empty.');
  return {
    mode,
    seed,
    parts,
    pace,
    epochFrames,
    epochBytes: parts.reduce((sum, part) => sum + part.audioBytes, 0),
    epochMs: framesToMs(epochFrames, pace),
  };
}

/** What plays at `ms` from second 0; any year will do. @throws RangeError for a negative or endless time */
export function positionAtMs(endless: Endless, ms: number): EndlessPosition {
  if (!Number.isFinite(ms) || ms < 0) throw new RangeError(`${ms} ms is no time of a stream.`);
  return positionAtFrame(endless, msToFrame(ms, endless.pace));
}

/** The same for a frame, counted from the first of epoch 0; before that, epochs have negative numbers. */
export function positionAtFrame(endless: Endless, frame: number): EndlessPosition {
  const epoch = Math.floor(frame / endless.epochFrames);
  let frameInPart = frame - epoch * endless.epochFrames;
  for (const { partIndex, trackIndex, part } of epochTracks(endless, epoch)) {
    if (frameInPart < part.frameCount) {
      return { epoch, trackIndex, partIndex, frameInPart, ms: framesToMs(frame, endless.pace) };
    }
    frameInPart -= part.frameCount;
  }
  throw new Error('An epoch holds every one of its frames.');
}

/** The tracks of one epoch, in order. */
export function epochTracks(endless: Endless, epoch: number): EndlessTrack[] {
  const order = orderTracks(endless.parts.length, endless.mode, endless.seed, epoch);
  const tracks: EndlessTrack[] = [];
  for (const partIndex of order) {
    const part = endless.parts[partIndex];
    if (part !== undefined) tracks.push({ epoch, trackIndex: tracks.length, partIndex, part });
  }
  return tracks;
}
