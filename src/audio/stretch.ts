import { epochTracks } from './endless.ts';
import type { Endless } from './endless.ts';
import type { Fade } from './fade.ts';
import type { PlanPart } from './plan-part.ts';

/** Some frames of a part, in a row. */
export interface PartStretch {
  readonly kind: 'part';
  readonly partIndex: number;
  /** The whole part. */
  readonly part: PlanPart;
  readonly firstFrame: number;
  readonly endFrameExclusive: number;
  readonly fade?: Fade | undefined;
}

/** Whole turns through a queue, however many: they are written down as one, so that a night of short files is small. */
export interface TurnsStretch {
  readonly kind: 'turns';
  readonly endless: Endless;
  readonly firstEpoch: number;
  readonly epochCount: number;
}

export type Stretch = PartStretch | TurnsStretch;

/**
 * Frames `start` to `endExclusive` of an endless stream, in order. No more entries than two turns have tracks, and one.
 */
export function stretchesBetween(endless: Endless, start: number, endExclusive: number): Stretch[] {
  const { epochFrames } = endless;
  const stretches: Stretch[] = [];
  let epoch = Math.floor(start / epochFrames);
  while (epoch * epochFrames < endExclusive) {
    const epochStart = epoch * epochFrames;
    const wholeEpochs = epochStart < start ? 0 : Math.floor((endExclusive - epochStart) / epochFrames);
    // One alone is told by its parts, as any finite stream is.
    if (wholeEpochs > 1) {
      stretches.push({ kind: 'turns', endless, firstEpoch: epoch, epochCount: wholeEpochs });
      epoch += wholeEpochs;
      continue;
    }
    let trackStart = epochStart;
    for (const { partIndex, part } of epochTracks(endless, epoch)) {
      const firstFrame = Math.max(0, start - trackStart);
      const endFrameExclusive = Math.min(part.frameCount, endExclusive - trackStart);
      if (firstFrame < endFrameExclusive) {
        stretches.push({ kind: 'part', partIndex, part, firstFrame, endFrameExclusive });
      }
      trackStart += part.frameCount;
    }
    epoch += 1;
  }
  return stretches;
}

/**
 * The same frames one by one with a fall to silence over all of them. For seconds: each track is an entry of its own.
 */
export function fadingBetween(endless: Endless, start: number, endExclusive: number): Stretch[] {
  const stretches: Stretch[] = [];
  const { epochFrames } = endless;
  for (let at = start; at < endExclusive;) {
    const epochEnd = (Math.floor(at / epochFrames) + 1) * epochFrames;
    const end = Math.min(epochEnd, endExclusive);
    let firstFrame = at - start;
    for (const stretch of stretchesBetween(endless, at, end)) {
      if (stretch.kind !== 'part') throw new Error('Less than two turns are told by their parts.');
      stretches.push({ ...stretch, fade: { firstFrame, frameCount: endExclusive - start } });
      firstFrame += stretch.endFrameExclusive - stretch.firstFrame;
    }
    at = end;
  }
  return stretches;
}
