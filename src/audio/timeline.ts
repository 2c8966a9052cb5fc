import { createHash } from 'node:crypto';
import type { Endless } from './endless.ts';
import { JOINER_VERSION } from './stream-plan.ts';
import { stretchesBetween } from './stretch.ts';
import type { Stretch } from './stretch.ts';

/** What plays for a while of a stream that everybody hears by one clock. */
export interface TimelineEntry {
  readonly endless: Endless;
  /** The frame of the clock at which its epoch 0 begins, or would have begun. */
  readonly originFrame: number;
  /** From this frame of the clock on the next entry plays; of the last one, Infinity where it has no end. */
  readonly untilFrame: number;
}

/** Entries of one pace by rising `untilFrame`. The first plays from ever. */
export type Timeline = readonly TimelineEntry[];

/** Where the last entry ends. */
export const endOfTimeline = (timeline: Timeline): number => timeline.at(-1)?.untilFrame ?? 0;

/** What plays from frame `start` of the clock to `endExclusive`, or to the end of it all: every frame once, in order. */
export function timelineBetween(timeline: Timeline, start: number, endExclusive: number): Stretch[] {
  const stretches: Stretch[] = [];
  let at = start;
  for (const { endless, originFrame, untilFrame } of timeline) {
    const end = Math.min(untilFrame, endExclusive);
    if (end <= at) continue;
    stretches.push(...stretchesBetween(endless, at - originFrame, end - originFrame));
    at = end;
  }
  return stretches;
}

const NAME_BYTES = 16;

/**
 * Names the bytes of stretches and the time at which they play: 128 bits of SHA-256, as letters, digits, `-` and `_`.
 * Nothing is read for it. Another schedule, seed or queue that comes to the same frames has the same name.
 */
export function nameStretches(stretches: readonly Stretch[], startFrame: number): string {
  const hash = createHash('sha256').update(`earshot/clock-segment/${JOINER_VERSION}\n${startFrame}`);
  for (const stretch of stretches) hash.update(nameStretch(stretch));
  return hash.digest().subarray(0, NAME_BYTES).toString('base64url');
}

function nameStretch(stretch: Stretch): string {
  if (stretch.kind === 'part') {
    const { part, firstFrame, endFrameExclusive } = stretch;
    return `\n${part.sha256} ${part.audioStartByte} ${firstFrame} ${endFrameExclusive}`;
  }
  const { endless, firstEpoch, epochCount } = stretch;
  const { mode, seed, parts } = endless;
  const names = parts.map(({ sha256, audioStartByte }) => ` ${sha256} ${audioStartByte}`);
  // A loop is the same by every seed and in every turn.
  const order = mode === 'loop' ? mode : `${mode} ${seed} ${firstEpoch}`;
  return `\nturns ${order} ${epochCount}${names.join('')}`;
}
