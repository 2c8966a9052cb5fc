import { makeWav } from '../made-audio.ts';

export type Material = 'music' | 'castanets' | 'bursts';

/**
 * Sound that makes an encoder use all it has.
 * - `music`: a wide chord over noise in the middle, which swell from silence and back.
 * - `castanets`: nothing but clicks, which make it switch to short blocks.
 * - `bursts`: near silence, in which it saves bits, then noise at full scale, for which it spends them at once.
 */
export function makeMaterial(
  material: Material,
  options: { readonly seconds: number; readonly channels?: 1 | 2; readonly sampleRateHz?: number },
): Uint8Array {
  const { seconds, channels = 2, sampleRateHz = 44_100 } = options;
  const noise = makeNoise();
  let shared = 0;
  return makeWav({ seconds, channels, sampleRateHz }, (sample, channel) => {
    if (channel === 0) shared = noise();
    const at = sample / sampleRateHz;
    if (material === 'castanets') return click(at, channel, 0.11, shared);
    if (material === 'bursts') return at % 0.5 < 0.4 ? 0.0004 * noise() : 0.9 * noise();
    const swell = Math.sin((Math.PI * at) / seconds) ** 2;
    return swell * (chord(at, channel) + 0.05 * shared);
  });
}

const FREQUENCIES_HZ = [220, 277.2, 329.6, 880, 3520, 7040];

const chord = (at: number, channel: number): number =>
  FREQUENCIES_HZ.reduce(
    (sum, hz, i) =>
      sum + Math.sin(2 * Math.PI * hz * (1 + channel * 0.003) * at) * (i % 2 === channel ? 0.2 : 0.06),
    0,
  );

/** A burst that is gone after a few milliseconds. */
function click(at: number, channel: number, everySeconds: number, noise: number): number {
  const since = (at + channel * 0.013) % everySeconds;
  return 0.8 * noise * Math.exp(-since * 400);
}

/** xorshift32 (Marsaglia 2003), as samples between -1 and 1. */
function makeNoise(): () => number {
  let state = 0x2545_f491;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 0x8000_0000;
  };
}
