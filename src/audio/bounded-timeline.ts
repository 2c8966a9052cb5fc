import { epochTracks, positionAtFrame } from './endless.ts';
import type { Endless } from './endless.ts';
import { framesToMs, msToFrame } from './frame-pace.ts';
import type { Timeline } from './timeline.ts';

export interface BoundedTimeline {
  readonly timeline: Timeline;
  readonly durationMs: number;
}

/**
 * The timeline, ending with the last track that plays from `fromFrame` on to its end within `maxMs`; where not even the
 * first does, with that one. It goes no further than the entry that plays first.
 */
export function boundTimeline(timeline: Timeline, fromFrame: number, maxMs: number): BoundedTimeline {
  const entry = timeline.find(({ untilFrame }) => untilFrame > fromFrame);
  if (entry === undefined) return { timeline: [], durationMs: 0 };
  const { endless, originFrame } = entry;
  const end = Math.min(entry.untilFrame, lastEnd(endless, fromFrame - originFrame, maxMs) + originFrame);
  return {
    timeline: [{ ...entry, untilFrame: end }],
    durationMs: framesToMs(end - fromFrame, endless.pace),
  };
}

/** The frame after the last track that fits, and after the first in any case. */
function lastEnd(endless: Endless, fromFrame: number, maxMs: number): number {
  const endLatest = fromFrame + msToFrame(maxMs, endless.pace);
  const start = positionAtFrame(endless, fromFrame);
  let end = fromFrame - start.frameInPart;
  let { trackIndex } = start;
  for (let { epoch } = start; ; epoch += 1) {
    for (const { part } of epochTracks(endless, epoch).slice(trackIndex)) {
      if (end > fromFrame && end + part.frameCount > endLatest) return end;
      end += part.frameCount;
    }
    trackIndex = 0;
  }
}
