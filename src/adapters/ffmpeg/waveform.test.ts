import { describe, expect, it } from 'vitest';
import { Waveform } from './waveform.ts';

describe('Waveform', () => {
  const drawn = (waveform: Waveform, peaks: readonly number[]) => {
    for (const peak of peaks) waveform.addStretch(peak);
    return [...waveform.finish()];
  };

  it('has the highest sample of each stretch, up to full scale', () => {
    expect(drawn(new Waveform(), [0, 0.5, 1, 1.3])).toEqual([0, 128, 255, 255]);
  });

  it('grows with the sound', () => {
    const peaks = Array.from({ length: 5000 }, (_, at) => (at % 256) / 255);
    expect(drawn(new Waveform(), peaks)).toEqual(peaks.map((peak) => Math.round(peak * 255)));
  });

  it('gets coarser instead of longer', () => {
    const peaks = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((height) => height / 255);
    expect(drawn(new Waveform(4), peaks)).toEqual([4, 8, 9]);
  });

  it('is empty for no sound', () => {
    expect(drawn(new Waveform(), [])).toEqual([]);
  });
});
