import { epochTracks } from './endless.ts';
import { framesToMs } from './frame-pace.ts';
import type { PlanItem } from './plan-item.ts';
import type { StreamPlan } from './stream-plan.ts';

/** One track as it is heard. Times are exact to the frame and not rounded to whole milliseconds. */
export interface PlanTrack {
  readonly partIndex: number;
  /** How far into its part it begins. */
  readonly fromMs: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly startByte: number;
  readonly lengthBytes: number;
}

/** What is heard, track by track. Lazy: a night of short files has tens of thousands. */
export function* listTracks(plan: StreamPlan): Generator<PlanTrack, void, undefined> {
  let startFrame = 0;
  let startByte = plan.leadBytes;
  let frames = 0;
  let bytes = 0;
  let playing: Pick<PlanTrack, 'partIndex' | 'fromMs'> | null = null;
  const heard = (track: NonNullable<typeof playing>): PlanTrack => ({
    ...track,
    startMs: framesToMs(startFrame, plan.pace),
    durationMs: framesToMs(frames, plan.pace),
    startByte,
    lengthBytes: bytes,
  });
  for (const { partIndex, part, firstFrame, isContinued } of listParts(plan.items)) {
    if (!isContinued) {
      if (playing !== null) yield heard(playing);
      startFrame += frames;
      startByte += bytes;
      frames = 0;
      bytes = 0;
      playing = { partIndex, fromMs: framesToMs(firstFrame, plan.pace) };
    }
    frames += part.frameCount;
    bytes += part.audioBytes;
  }
  if (playing !== null) yield heard(playing);
}

/** How many tracks that are, without listing them. */
export const countTracks = (plan: StreamPlan): number =>
  plan.items.reduce((count, item) => {
    if (item.kind === 'turns') return count + item.epochCount * item.endless.parts.length;
    return item.isContinued ? count : count + 1;
  }, 0);

function* listParts(items: readonly PlanItem[]) {
  for (const item of items) {
    if (item.kind === 'part') yield item;
    else yield* listTurns(item);
  }
}

function* listTurns({ endless, firstEpoch, epochCount }: Extract<PlanItem, { kind: 'turns' }>) {
  for (let epoch = firstEpoch; epoch < firstEpoch + epochCount; epoch += 1) {
    for (const { partIndex, part } of epochTracks(endless, epoch)) {
      yield { partIndex, part, firstFrame: 0, isContinued: false };
    }
  }
}
