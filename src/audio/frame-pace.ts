import { AppError } from '../domain/app-error.ts';
import type { PlayablePart } from '../domain/audio-file.ts';

/** How long a frame plays: `samplesPerFrame / sampleRateHz` seconds. */
export type FramePace = Pick<PlayablePart, 'samplesPerFrame' | 'sampleRateHz'>;

/** Exact but for the last bits of a double; not rounded to whole milliseconds. */
export const framesToMs = (frames: number, pace: FramePace): number =>
  (frames * pace.samplesPerFrame * 1000) / pace.sampleRateHz;

/** The frame that plays at `ms`. A time that came out of `framesToMs` gives its own frame back. */
export function msToFrame(ms: number, pace: FramePace): number {
  const frame = Math.floor((ms * pace.sampleRateHz) / (pace.samplesPerFrame * 1000));
  return framesToMs(frame + 1, pace) <= ms ? frame + 1 : frame;
}

/**
 * The pace that all of these share.
 * @throws conflict when there are none, or when they differ: players stop where the sample rate changes
 */
export function commonPace(parts: readonly FramePace[]): FramePace {
  const [first] = parts;
  if (first === undefined) throw new AppError('conflict', 'There is nothing to play: the queue is empty.');
  const { samplesPerFrame, sampleRateHz } = first;
  if (parts.some((part) => part.samplesPerFrame !== samplesPerFrame || part.sampleRateHz !== sampleRateHz)) {
    throw new AppError('conflict', 'Files of different sample rates cannot be joined.');
  }
  return { samplesPerFrame, sampleRateHz };
}
