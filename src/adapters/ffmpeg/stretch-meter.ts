import { highPass, highShelf } from './k-weighting.ts';
import { createMeterKernel } from './meter-kernel.ts';
import { STRETCHES_PER_SECOND } from './sound-summary.ts';

const CHANNELS = 2;
const BYTES_PER_MOMENT = 2 * CHANNELS;
/** Of full scale: samples may pass it, by up to 6 dB. */
export const FULL_SCALE = 2 ** 14;
/** Below this, what a filter remembers is silence; left alone it would fade into numbers that are slow to reckon with. */
const SILENT = 1e-15 * FULL_SCALE;

/** Told of each 100 ms: its mean square, K-weighted, of both channels together; and its highest samples. */
export type StretchSink = (energy: number, peak: number, mixPeak: number) => void;

/** Meters a sound in two channels, 100 ms after 100 ms, while its PCM streams past. */
export class StretchMeter {
  readonly #kernel;
  readonly #bytesPerStretch: number;
  readonly #sink: StretchSink;
  /** Of the stretch that is not full yet. */
  #energy = 0;
  #peak = 0;
  #mixPeak = 0;
  #bytesOfStretch = 0;
  /** At the start of the kernel's samples: of a moment that has not come whole. */
  #heldBytes = 0;

  constructor(sampleRateHz: number, sink: StretchSink) {
    this.#kernel = createMeterKernel(highShelf(sampleRateHz), highPass(sampleRateHz));
    this.#bytesPerStretch = Math.round(sampleRateHz / STRETCHES_PER_SECOND) * BYTES_PER_MOMENT;
    this.#sink = sink;
  }

  /** @param pcm integers of 16 bits, little-endian, left and right by turns, at half their height; cut anywhere */
  add(pcm: Uint8Array): void {
    const { samples } = this.#kernel;
    for (let at = 0; at < pcm.length;) {
      const piece = pcm.subarray(at, at + samples.length - this.#heldBytes);
      samples.set(piece, this.#heldBytes);
      at += piece.length;
      const filled = this.#heldBytes + piece.length;
      const whole = filled - (filled % BYTES_PER_MOMENT);
      this.#addMoments(whole);
      samples.copyWithin(0, whole, filled);
      this.#heldBytes = filled - whole;
    }
  }

  /** After the last of it: what does not make a stretch. */
  rest(): { readonly moments: number; readonly peak: number; readonly mixPeak: number } {
    return { moments: this.#bytesOfStretch / BYTES_PER_MOMENT, ...this.#highest() };
  }

  #addMoments(end: number): void {
    for (let at = 0; at < end;) {
      const until = Math.min(end, at + this.#bytesPerStretch - this.#bytesOfStretch);
      this.#run(at, until);
      this.#bytesOfStretch += until - at;
      at = until;
      if (this.#bytesOfStretch === this.#bytesPerStretch) this.#endStretch();
    }
  }

  #run(start: number, end: number): void {
    const { states, energies, peaks, mixPeaks } = this.#kernel;
    this.#kernel.run(start, end);
    for (const [index, state] of states.entries()) {
      if (Math.abs(state) < SILENT) states[index] = 0;
    }
    this.#energy += (energies[0] ?? 0) + (energies[1] ?? 0);
    this.#peak = Math.max(this.#peak, peaks[0] ?? 0, peaks[1] ?? 0);
    this.#mixPeak = Math.max(this.#mixPeak, mixPeaks[0] ?? 0);
  }

  #highest(): { readonly peak: number; readonly mixPeak: number } {
    return { peak: this.#peak / FULL_SCALE, mixPeak: this.#mixPeak / CHANNELS / FULL_SCALE };
  }

  #endStretch(): void {
    const moments = this.#bytesPerStretch / BYTES_PER_MOMENT;
    const { peak, mixPeak } = this.#highest();
    this.#sink(this.#energy / moments / FULL_SCALE ** 2, peak, mixPeak);
    this.#energy = 0;
    this.#peak = 0;
    this.#mixPeak = 0;
    this.#bytesOfStretch = 0;
  }
}
