import { SAMPLE_RATE_HZ } from './sherpa-job.ts';

/** Whisper hears 30 seconds at a time, and of no model does the memory grow without a bound. */
export const MAX_STRETCH_SAMPLES = 20 * SAMPLE_RATE_HZ;
const MIN_STRETCH_SAMPLES = 10 * SAMPLE_RATE_HZ;
const FRAME_SAMPLES = SAMPLE_RATE_HZ / 50;
/** A pause between words. */
const PAUSE_FRAMES = 15;
/** -50 dBFS: in what is quieter throughout nothing is said, and models make something up. */
const SILENCE_POWER = 1e-5;

/**
 * Where a stretch ends: in the quietest place of its second half.
 * @param samples from its beginning, at most MAX_STRETCH_SAMPLES
 * @returns all of them when they are the last
 */
export function stretchEnd(samples: Float32Array, isLast: boolean): number {
  if (isLast || samples.length < MAX_STRETCH_SAMPLES) return samples.length;
  const powers = framePowers(samples);
  let best = { power: Infinity, frame: powers.length };
  const first = MIN_STRETCH_SAMPLES / FRAME_SAMPLES;
  for (let frame = first; frame + PAUSE_FRAMES <= powers.length; frame++) {
    const power = powers.subarray(frame, frame + PAUSE_FRAMES).reduce((sum, value) => sum + value, 0);
    if (power < best.power) best = { power, frame: frame + Math.floor(PAUSE_FRAMES / 2) };
  }
  return best.frame * FRAME_SAMPLES;
}

export const isSilent = (samples: Float32Array): boolean =>
  framePowers(samples).every((power) => power < SILENCE_POWER);

function framePowers(samples: Float32Array): Float32Array {
  const powers = new Float32Array(Math.ceil(samples.length / FRAME_SAMPLES));
  for (let frame = 0; frame < powers.length; frame++) {
    let sum = 0;
    const end = Math.min((frame + 1) * FRAME_SAMPLES, samples.length);
    for (let at = frame * FRAME_SAMPLES; at < end; at++) sum += (samples[at] ?? 0) ** 2;
    powers[frame] = sum / FRAME_SAMPLES;
  }
  return powers;
}
