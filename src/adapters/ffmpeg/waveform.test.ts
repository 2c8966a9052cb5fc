import { describe, expect, it } from 'vitest';
import { Waveform } from './waveform.ts';

/** 10 samples a second make stretches of one sample. */
const pcm = (...samples: number[]) => {
  const bytes = Buffer.alloc(samples.length * 2);
  for (const [at, sample] of samples.entries()) bytes.writeInt16LE(sample, at * 2);
  return bytes;
};

describe('Waveform', () => {
  it('has the highest sample of each 100 ms, of either sign', () => {
    const waveform = new Waveform({ sampleRateHz: 30 });
    waveform.add(pcm(0, 16_384, 0, 1, -32_768, 5, 0, 8192));
    expect([...waveform.finish()]).toEqual([128, 255, 64]);
  });

  it('is the same however the bytes are cut', () => {
    const samples = Array.from({ length: 50 }, (_, at) => (at * 7919) % 32_768);
    const whole = new Waveform({ sampleRateHz: 40 });
    whole.add(pcm(...samples));
    const expected = whole.finish();
    for (const size of [1, 3, 7, 64]) {
      const cut = new Waveform({ sampleRateHz: 40 });
      const bytes = pcm(...samples);
      for (let at = 0; at < bytes.length; at += size) cut.add(bytes.subarray(at, at + size));
      expect(cut.finish()).toEqual(expected);
    }
  });

  it('gets coarser instead of longer', () => {
    const waveform = new Waveform({ sampleRateHz: 10, maxPeaks: 4 });
    waveform.add(pcm(...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((height) => height * 128.5)));
    expect([...waveform.finish()]).toEqual([4, 8, 9]);
  });

  it('is empty for no sound', () => {
    expect(new Waveform({ sampleRateHz: 10 }).finish()).toHaveLength(0);
  });
});
