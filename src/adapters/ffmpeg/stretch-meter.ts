import { KWeighting } from './k-weighting.ts';
import type { StretchTotals } from './k-weighting.ts';
import { STRETCHES_PER_SECOND } from './sound-summary.ts';

const BYTES_PER_SAMPLE = 4;
const CHANNELS = 2;
const BYTES_PER_MOMENT = BYTES_PER_SAMPLE * CHANNELS;
const BUFFER_BYTES = 65_536;

/** Told of each 100 ms: its mean square, K-weighted, of both channels together; and its highest samples. */
export type StretchSink = (energy: number, peak: number, mixPeak: number) => void;

/** Meters a sound in two channels, 100 ms after 100 ms, while its PCM streams past. */
export class StretchMeter {
  readonly #weighting: KWeighting;
  readonly #samplesPerStretch: number;
  readonly #sink: StretchSink;
  /** Of the stretch that is not full yet. */
  readonly #totals: StretchTotals = { energy: 0, peak: 0, mixPeak: 0 };
  #momentsOfStretch = 0;
  /** Chunks are cut anywhere and lie anywhere in memory: they are looked at here. */
  readonly #bytes = new Uint8Array(BUFFER_BYTES);
  readonly #samples = new Float32Array(this.#bytes.buffer);
  #heldBytes = 0;

  constructor(sampleRateHz: number, sink: StretchSink) {
    this.#weighting = new KWeighting(sampleRateHz);
    this.#samplesPerStretch = Math.round(sampleRateHz / STRETCHES_PER_SECOND);
    this.#sink = sink;
  }

  /** @param pcm floats of 32 bits, little-endian, left and right by turns; cut anywhere */
  add(pcm: Uint8Array): void {
    for (let at = 0; at < pcm.length;) {
      const piece = pcm.subarray(at, at + BUFFER_BYTES - this.#heldBytes);
      this.#bytes.set(piece, this.#heldBytes);
      at += piece.length;
      const filled = this.#heldBytes + piece.length;
      const whole = filled - (filled % BYTES_PER_MOMENT);
      this.#addSamples(whole / BYTES_PER_SAMPLE);
      this.#bytes.copyWithin(0, whole, filled);
      this.#heldBytes = filled - whole;
    }
  }

  /** After the last of it: what does not make a stretch. */
  rest(): { readonly moments: number; readonly peak: number; readonly mixPeak: number } {
    const { peak, mixPeak } = this.#totals;
    return { moments: this.#momentsOfStretch, peak, mixPeak };
  }

  #addSamples(end: number): void {
    for (let at = 0; at < end;) {
      const missing = (this.#samplesPerStretch - this.#momentsOfStretch) * CHANNELS;
      const until = Math.min(end, at + missing);
      this.#weighting.add(this.#samples, at, until, this.#totals);
      this.#momentsOfStretch += (until - at) / CHANNELS;
      at = until;
      if (this.#momentsOfStretch === this.#samplesPerStretch) this.#endStretch();
    }
  }

  #endStretch(): void {
    const { energy, peak, mixPeak } = this.#totals;
    this.#sink(energy / this.#samplesPerStretch, peak, mixPeak);
    this.#totals.energy = 0;
    this.#totals.peak = 0;
    this.#totals.mixPeak = 0;
    this.#momentsOfStretch = 0;
  }
}
