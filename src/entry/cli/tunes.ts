import { WAV_HEADER_BYTES, wavHeader } from '../../domain/wav-header.ts';

/** Sample music that the project makes itself: plucked strings (Karplus and Strong, 1983), a chord progression each. */

export interface Tune {
  readonly title: string;
  readonly filename: string;
  readonly seed: number;
  readonly beatsPerMinute: number;
  /** Semitones above A2 (110 Hz) of each chord's root, and whether it is minor; four beats each. */
  readonly chords: readonly (readonly [root: number, minor: boolean])[];
  readonly rounds: number;
}

export const TUNES: readonly Tune[] = [
  {
    title: 'Morning at the window',
    filename: 'sample-morning.wav',
    seed: 11,
    beatsPerMinute: 92,
    chords: [
      [3, false],
      [10, false],
      [0, true],
      [8, false],
    ],
    rounds: 5,
  },
  {
    title: 'The long way home',
    filename: 'sample-way-home.wav',
    seed: 23,
    beatsPerMinute: 116,
    chords: [
      [0, true],
      [8, false],
      [3, false],
      [10, false],
    ],
    rounds: 7,
  },
  {
    title: 'Lights out',
    filename: 'sample-lights-out.wav',
    seed: 42,
    beatsPerMinute: 66,
    chords: [
      [5, false],
      [0, false],
      [2, true],
      [0, false],
    ],
    rounds: 4,
  },
];

export const SAMPLE_RATE_HZ = 44_100;

/** The tune as 16-bit mono PCM. The same tune is the same bytes on every machine. */
export function renderTune(tune: Tune): Int16Array {
  const beat = Math.round((60 / tune.beatsPerMinute) * SAMPLE_RATE_HZ);
  const bars = tune.chords.length * tune.rounds;
  const mix = new Float64Array(bars * 4 * beat + 3 * SAMPLE_RATE_HZ);
  const random = randomFrom(tune.seed);
  for (let bar = 0; bar < bars; bar += 1) {
    const [root, minor] = tune.chords[bar % tune.chords.length] ?? [0, false];
    const scale = [0, minor ? 3 : 4, 7, 12];
    const start = bar * 4 * beat;
    pluck(mix, start, pitch(root - 12), 3.5, 0.5, random);
    for (let eighth = 0; eighth < 8; eighth += 1) {
      const step = scale[(eighth * 3) % 4] ?? 0;
      pluck(mix, start + (eighth * beat) / 2, pitch(root + step), 1.2, 0.28, random);
    }
    for (const at of [0, 1, 2.5, 3]) {
      if (random() < 0.25) continue;
      const step = scale[Math.floor(random() * 4)] ?? 0;
      pluck(mix, start + at * beat, pitch(root + 12 + step), 1.8, 0.4, random);
    }
  }
  const peak = mix.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  return Int16Array.from(mix, (sample) => Math.round((sample / peak) * 0.8 * 32_767));
}

/** A WAV of one channel. */
export function wavFile(samples: Int16Array): Uint8Array {
  const dataBytes = samples.length * 2;
  const bytes = new Uint8Array(WAV_HEADER_BYTES + dataBytes);
  bytes.set(wavHeader({ sampleRateHz: SAMPLE_RATE_HZ }, dataBytes));
  const view = new DataView(bytes.buffer, WAV_HEADER_BYTES);
  for (let at = 0; at < samples.length; at += 1) view.setInt16(at * 2, samples[at] ?? 0, true);
  return bytes;
}

const pitch = (semitones: number) => 110 * 2 ** (semitones / 12);

function pluck(
  mix: Float64Array,
  at: number,
  frequencyHz: number,
  seconds: number,
  level: number,
  random: () => number,
): void {
  const string = Float64Array.from(
    { length: Math.round(SAMPLE_RATE_HZ / frequencyHz) },
    () => random() * 2 - 1,
  );
  const start = Math.round(at);
  const end = Math.min(mix.length, start + Math.round(seconds * SAMPLE_RATE_HZ));
  for (let sample = start, place = 0; sample < end; sample += 1) {
    const next = (place + 1) % string.length;
    const value = string[place] ?? 0;
    const fadeOut = (end - sample) / (end - start);
    mix[sample] = (mix[sample] ?? 0) + value * level * fadeOut;
    string[place] = 0.498 * (value + (string[next] ?? 0));
    place = next;
  }
}

/** Mulberry32: small, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
