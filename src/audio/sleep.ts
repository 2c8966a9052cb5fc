import { isEndless } from '../domain/play-mode.ts';
import { epochTracks } from './endless.ts';
import type { Endless } from './endless.ts';
import { FADE_MS } from './fade.ts';
import { framesToMs, msToFrame } from './frame-pace.ts';
import { fadingBetween, stretchesBetween } from './stretch.ts';
import type { Stretch } from './stretch.ts';

export const SLEEP_MODES = ['track', 'exact'] as const;

export interface SleepTimer {
  /** From where playing starts; above 0, at most a day. */
  readonly ms: number;
  /** Ends with the track, or with the frame, that plays then. */
  readonly mode: (typeof SLEEP_MODES)[number];
}

export const MIN_SLEEP_MS = 1000;
export const MAX_SLEEP_MS = 86_400_000;

/**
 * What is heard from frame `start` on until the timer ends it; the last 20 seconds of that fade, or all of it where it
 * is shorter. Of a finite mode, the first turn is all there is: where it ends before the timer, nothing is cut and
 * nothing fades.
 */
export function stretchesUntilSleep(endless: Endless, start: number, sleep: SleepTimer): Stretch[] {
  const lastFrame = start + msToFrame(sleep.ms, endless.pace);
  if (!isEndless(endless.mode) && lastFrame >= endless.epochFrames) {
    return stretchesBetween(endless, start, endless.epochFrames);
  }
  const end = sleep.mode === 'exact' ? lastFrame + 1 : endOfTrack(endless, lastFrame);
  const fadeStart = Math.max(start, end - Math.ceil(FADE_MS / framesToMs(1, endless.pace)));
  return [...stretchesBetween(endless, start, fadeStart), ...fadingBetween(endless, fadeStart, end)];
}

/** The first frame after the track that holds `frame`. */
function endOfTrack(endless: Endless, frame: number): number {
  const epoch = Math.floor(frame / endless.epochFrames);
  let end = epoch * endless.epochFrames;
  for (const { part } of epochTracks(endless, epoch)) {
    end += part.frameCount;
    if (frame < end) break;
  }
  return end;
}
