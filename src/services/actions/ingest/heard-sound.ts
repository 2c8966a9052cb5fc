import { scalePeaks } from '../../../audio/peaks.ts';
import type { Loudness, SoundLevel } from '../../../domain/media-tool.ts';
import { PEAK_LIMIT, toFactor } from './level.ts';

/** What a playable part sounds like, for its record. */
export interface HeardSound {
  /** Absent for silence. */
  readonly loudnessLufs?: number | undefined;
  /** Highest sample, 1 = full scale. */
  readonly peak: number;
  readonly waveform: Uint8Array;
}

/** What was measured, moved by `gainDb` and nothing else. */
export function heardAtLevel({ integratedLufs, peak, waveform }: Loudness, gainDb: number): HeardSound {
  const factor = toFactor(gainDb);
  return {
    ...(integratedLufs === undefined ? {} : { loudnessLufs: round(integratedLufs + gainDb, 2) }),
    peak: round(peak * factor, 4),
    waveform: scalePeaks(waveform, factor),
  };
}

/** What came out of the limiter: how loud it is was measured there, since no gain says it. */
export function heardAfterLimiter(source: Loudness, gainDb: number, limited: SoundLevel): HeardSound {
  const { integratedLufs, peak } = limited;
  const highest = Math.round(PEAK_LIMIT * 255);
  return {
    ...(integratedLufs === undefined ? {} : { loudnessLufs: round(integratedLufs, 2) }),
    peak: round(peak, 4),
    waveform: scalePeaks(source.waveform, toFactor(gainDb)).map((height) => Math.min(height, highest)),
  };
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
