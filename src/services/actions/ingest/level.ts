import type { Loudness } from '../../../domain/media-tool.ts';

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
  /** Whether frames may be levelled as they are: by the steps, no sample is brought above the limit. */
  readonly canStep: boolean;
  /** Whether an encode by `gainDb` needs a limiter. */
  readonly limit: boolean;
}

/** How far to move the level. `loudness` null: it was not measured, and the level stays. Silence stays, too. */
export function chooseLevel(
  loudness: Pick<Loudness, 'integratedLufs' | 'peak'> | null,
  targetLufs: number | null,
): Level {
  if (loudness === null || targetLufs === null || loudness.integratedLufs === undefined) {
    return { gainDb: 0, gainSteps: 0, canStep: true, limit: false };
  }
  const gainDb = Math.min(targetLufs - loudness.integratedLufs, MAX_BOOST_DB);
  // `+ 0` makes a zero of the -0 that rounding may give.
  const gainSteps = Math.round(gainDb / STEP_DB) + 0;
  return {
    gainDb,
    gainSteps,
    canStep: gainSteps <= 0 || loudness.peak * toFactor(gainSteps * STEP_DB) <= PEAK_LIMIT,
    limit: loudness.peak * toFactor(gainDb) > PEAK_LIMIT,
  };
}

/** Decibels to a factor of amplitude. */
export function toFactor(db: number): number {
  return 10 ** (db / 20);
}
