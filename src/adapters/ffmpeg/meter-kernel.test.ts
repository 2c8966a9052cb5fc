import { describe, expect, it } from 'vitest';
import { highPass, highShelf } from './k-weighting.ts';
import type { Biquad } from './k-weighting.ts';
import { createMeterKernel } from './meter-kernel.ts';

const RATE_HZ = 44_100;

/** The same in plain words: a filter of second order, in transposed direct form II. */
function filter({ b0, b1, b2, a1, a2 }: Biquad): (sample: number) => number {
  let [m1, m2] = [0, 0];
  return (sample) => {
    const result = b0 * sample + m1;
    m1 = b1 * sample + m2 - a1 * result;
    m2 = b2 * sample - a2 * result;
    return result;
  };
}

function weigh(samples: readonly number[]): number {
  const [shelf, pass] = [filter(highShelf(RATE_HZ)), filter(highPass(RATE_HZ))];
  return samples.reduce((sum, sample) => sum + pass(shelf(sample)) ** 2, 0);
}

const highest = (samples: readonly number[]): number => Math.max(...samples.map(Math.abs));

const MOMENTS = 4410;
const SOUNDS: readonly (readonly [string, (moment: number) => readonly [left: number, right: number]])[] = [
  ['a sine in both', (t) => [9000 * Math.sin(t / 7), 9000 * Math.sin(t / 7)]],
  ['one channel', (t) => [0, 20_000 * Math.sin(t / 40)]],
  ['against each other', (t) => [30_000 * Math.cos(t / 3), -30_000 * Math.cos(t / 3)]],
  ['all that 16 bits hold', (t) => (t % 2 === 0 ? [-32_768, 32_767] : [32_767, -32_768])],
  ['both at the bottom', () => [-32_768, -32_768]],
  ['the least there is', (t) => [t % 50 === 0 ? 1 : 0, 0]],
];

describe('the kernel of the meter', () => {
  it.each(SOUNDS)('sums what plain filters do: %s', (_name, sound) => {
    const moments = Array.from({ length: MOMENTS }, (_, t) => sound(t).map(Math.round));
    const [left, right] = [0, 1].map((channel) => moments.map((moment) => moment[channel] ?? 0));
    if (left === undefined || right === undefined) throw new Error('There are two channels.');
    const kernel = createMeterKernel(highShelf(RATE_HZ), highPass(RATE_HZ));
    kernel.samples.set(new Uint8Array(Int16Array.from(moments.flat()).buffer));
    // In two runs: what the filters remember goes on.
    let [energyLeft, energyRight, peakLeft, peakRight, mixPeak] = [0, 0, 0, 0, 0];
    for (const [start, end] of [[0, 1001 * 4] as const, [1001 * 4, MOMENTS * 4] as const]) {
      kernel.run(start, end);
      energyLeft += kernel.energies[0] ?? 0;
      energyRight += kernel.energies[1] ?? 0;
      peakLeft = Math.max(peakLeft, kernel.peaks[0] ?? 0);
      peakRight = Math.max(peakRight, kernel.peaks[1] ?? 0);
      mixPeak = Math.max(mixPeak, kernel.mixPeaks[0] ?? 0);
    }
    expect(Math.abs(energyLeft - weigh(left))).toBeLessThanOrEqual(1e-9 * weigh(left));
    expect(Math.abs(energyRight - weigh(right))).toBeLessThanOrEqual(1e-9 * weigh(right));
    expect([peakLeft, peakRight]).toEqual([highest(left), highest(right)]);
    expect(mixPeak).toBe(highest(left.map((sample, t) => sample + (right[t] ?? 0))));
  });
});
