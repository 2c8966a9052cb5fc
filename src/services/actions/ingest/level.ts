import type { SoundLevel } from '../../../domain/media-tool.ts';

/** One step of `global_gain`. */
export const STEP_DB = 1.5;
/** -1.5 dBFS, as a factor: no sample of what was made louder goes above. */
export const PEAK_LIMIT = toFactor(-1.5);
/** Near silence is not blown up to speech. */
const MAX_BOOST_DB = 24;

export interface Level {
  /** What brings the audio to the target. */
  readonly gainDb: number;
  /** The same in whole steps of `global_gain`. */
  readonly gainSteps: number;
  /** Whether the steps will do: they make nothing louder than the limit. Else it is encoded by `gainDb`. */
  readonly canStep: boolean;
  /** Whether that encode needs a limiter. */
  readonly limit: boolean;
}

/** How far to move the level. Without a target it stays, and so does silence. */
export function chooseLevel(heard: SoundLevel, targetLufs: number | null): Level {
  if (targetLufs === null || heard.integratedLufs === undefined) {
    return { gainDb: 0, gainSteps: 0, canStep: true, limit: false };
  }
  const gainDb = Math.min(targetLufs - heard.integratedLufs, MAX_BOOST_DB);
  // `+ 0` makes a zero of the -0 that rounding may give.
  const gainSteps = Math.round(gainDb / STEP_DB) + 0;
  return {
    gainDb,
    gainSteps,
    canStep: gainSteps <= 0 || heard.peak * toFactor(gainSteps * STEP_DB) <= PEAK_LIMIT,
    limit: heard.peak * toFactor(gainDb) > PEAK_LIMIT,
  };
}

/** From then on the level so far seldom moves by more than the margin. */
export const STEADY_AFTER_MS = 30_000;
const MARGIN_DB = 2;

/** Whether the beginning of a sound is so quiet, and its peaks so high, that the steps will hardly do for the whole. */
export function isLimiterForeseen(heard: SoundLevel, doneMs: number, targetLufs: number | null): boolean {
  if (doneMs < STEADY_AFTER_MS) return false;
  return !chooseLevel({ ...heard, peak: heard.peak * toFactor(-MARGIN_DB) }, targetLufs).canStep;
}

/** Decibels to a factor of amplitude. */
export function toFactor(db: number): number {
  return 10 ** (db / 20);
}
