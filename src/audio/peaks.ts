/** One byte is the highest sample of a stretch; 255 is full scale. Stretches are of the same length. */
const FULL_SCALE = 255;

/** Peaks as they are when the sound is made louder by `factor`. */
export function scalePeaks(peaks: Uint8Array, factor: number): Uint8Array {
  return peaks.map((peak) => Math.min(FULL_SCALE, Math.round(peak * factor)));
}

/**
 * Peaks for a picture: at most `points` of them, from 0 to 1, each the highest of its share. Where there are fewer,
 * there are no more to give.
 */
export function reducePeaks(peaks: Uint8Array, points: number): number[] {
  const count = Math.min(points, peaks.length);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * peaks.length) / count);
    const end = Math.floor(((index + 1) * peaks.length) / count);
    return Number((peaks.subarray(start, end).reduce(highest, 0) / FULL_SCALE).toFixed(3));
  });
}

const highest = (a: number, b: number): number => Math.max(a, b);
