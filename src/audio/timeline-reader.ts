import { readEndless } from './endless-reader.ts';
import type { EndlessReadOptions, TimedChunk } from './endless-reader.ts';
import type { PieceCache } from './piece-cache.ts';
import type { Timeline } from './timeline.ts';

export type TimelineReadOptions = Pick<EndlessReadOptions, 'burstMs' | 'loadIndex' | 'signal'>;

/** What plays from a frame of the clock on, entry after entry; ends where the last one does. @throws as `readEndless` */
export async function* readTimeline(
  timeline: Timeline,
  fromFrame: number,
  pieces: PieceCache,
  options: TimelineReadOptions,
): AsyncGenerator<TimedChunk, void, undefined> {
  let { burstMs = 0 } = options;
  let at = fromFrame;
  for (const { endless, originFrame, untilFrame } of timeline) {
    if (untilFrame <= at) continue;
    const stretch = { fromFrame: at - originFrame, untilFrame: untilFrame - originFrame };
    for await (const chunk of readEndless(endless, pieces, { ...options, ...stretch, burstMs })) {
      burstMs = Math.max(0, burstMs - chunk.durationMs);
      yield chunk;
    }
    at = untilFrame;
  }
}
