import { describe, expect, it } from 'vitest';
import { SoundSummary } from './sound-summary.ts';
import { FULL_SCALE, StretchMeter } from './stretch-meter.ts';

/** A sine of 1 kHz, or of another frequency, in both channels: seconds at so many dBFS. */
type Passage = readonly [seconds: number, dbfs: number, frequencyHz?: number];

function* pcmOf(sampleRateHz: number, passages: readonly Passage[]): Generator<Uint8Array> {
  for (const [seconds, dbfs, frequencyHz = 1000] of passages) {
    const samples = new Int16Array(Math.round(seconds * sampleRateHz) * 2);
    for (let moment = 0; moment * 2 < samples.length; moment += 1) {
      const value = 10 ** (dbfs / 20) * Math.sin((2 * Math.PI * frequencyHz * moment) / sampleRateHz);
      samples.fill(Math.round(value * FULL_SCALE), moment * 2, moment * 2 + 2);
    }
    yield new Uint8Array(samples.buffer);
  }
}

/** @param chunkBytes how the bytes are cut */
function measure(passages: readonly Passage[], sampleRateHz = 44_100, chunkBytes = Infinity): SoundSummary {
  const summary = new SoundSummary();
  const meter = new StretchMeter(sampleRateHz, (...reading) => summary.addStretch(...reading));
  for (const pcm of pcmOf(sampleRateHz, passages)) {
    for (let at = 0; at < pcm.length; at += chunkBytes) meter.add(pcm.subarray(at, at + chunkBytes));
  }
  const { moments, peak, mixPeak } = meter.rest();
  if (moments > 0) summary.addRest(peak, mixPeak);
  return summary;
}

describe('StretchMeter, summed up', () => {
  // EBU Tech 3341, table 1: expected to 0.1 LU.
  it.each<readonly [string, readonly Passage[], number]>([
    ['1: a sine at -23', [[20, -23]], -23],
    ['2: a sine at -33', [[20, -33]], -33],
    [
      '3: louder between what the relative gate leaves out',
      [
        [10, -36],
        [60, -23],
        [10, -36],
      ],
      -23,
    ],
    [
      '4: likewise, with what the absolute gate leaves out',
      [
        [10, -72],
        [10, -36],
        [60, -23],
        [10, -36],
        [10, -72],
      ],
      -23,
    ],
    [
      '5: three levels that all count',
      [
        [20, -26],
        [20.1, -20],
        [20, -26],
      ],
      -23,
    ],
  ])('measures as the EBU expects: %s', (_case, passages, lufs) => {
    const { integratedLufs = 0 } = measure(passages).level();
    expect(Math.abs(integratedLufs - lufs)).toBeLessThan(0.1);
  });

  it.each([
    [25, -34.1],
    [100, -24.8],
    [500, -23.6],
    [3000, -19.9],
    [18_000, -19.6],
  ])('weighs %i Hz as the meter of ffmpeg does', (frequencyHz, lufs) => {
    const { integratedLufs = 0 } = measure([[5, -23, frequencyHz]]).level();
    expect(integratedLufs).toBeCloseTo(lufs, 1);
  });

  it('measures the same at the rate that the standard has its filters for', () => {
    expect(measure([[5, -23]], 48_000).level().integratedLufs).toBeCloseTo(-23, 1);
  });

  it('is the same however the bytes are cut', () => {
    const whole = measure([[2, -20]]);
    for (const size of [1021, 7777, 200_001]) {
      const cut = measure([[2, -20]], 44_100, size);
      expect(cut.level().integratedLufs).toBeCloseTo(whole.level().integratedLufs ?? 0, 10);
      expect(cut.level().peak).toBe(whole.level().peak);
      expect(cut.doneMs).toBe(2000);
    }
  });

  it('tells of a peak above full scale', () => {
    const { peak } = measure([[0.5, 5]]).level();
    expect(peak).toBeCloseTo(10 ** (5 / 20), 3);
  });

  it('goes on after silence as if it had not been', () => {
    const sound = measure([[20, -20]]).level();
    const later = measure([
      [20, -Infinity],
      [20, -20],
    ]).level();
    expect(later.integratedLufs).toBeCloseTo(sound.integratedLufs ?? 0, 1);
  });

  it('has no loudness for silence, nor for less than a block', () => {
    expect(measure([[2, -Infinity]]).level()).toEqual({ peak: 0 });
    expect(measure([[0.39, -20]]).level()).not.toHaveProperty('integratedLufs');
  });

  it('has a peak of what is left over, too', () => {
    const meter = measure([
      [0.1, -Infinity],
      [0.05, 0],
    ]);
    expect([...meter.finishWaveform()]).toEqual([0, 255]);
    expect(meter.level().peak).toBeCloseTo(1, 3);
  });
});
