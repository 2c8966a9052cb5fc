/** 100 ms each; … */
const PEAKS_PER_SECOND = 10;
/** … for fourteen and a half hours; what is longer gets coarser. */
const MAX_PEAKS = 2 ** 19;
const BYTES_PER_SAMPLE = 2;

export interface WaveformBounds {
  readonly sampleRateHz: number;
  /** An even number; for tests. */
  readonly maxPeaks?: number;
}

/** The highest samples of a sound, stretch by stretch, taken while its PCM streams past; of bounded size. */
export class Waveform {
  readonly #maxPeaks: number;
  #samplesPerPeak: number;
  #peaks = new Uint8Array(1024);
  #count = 0;
  /** Of the stretch that is not full yet. */
  #highest = 0;
  #samples = 0;
  #half: number | null = null;

  constructor({ sampleRateHz, maxPeaks = MAX_PEAKS }: WaveformBounds) {
    this.#samplesPerPeak = Math.round(sampleRateHz / PEAKS_PER_SECOND);
    this.#maxPeaks = maxPeaks;
  }

  /** @param pcm mono, signed, 16 bits, little-endian; cut anywhere */
  add(pcm: Uint8Array): void {
    let start = 0;
    const [first] = pcm;
    if (first === undefined) return;
    if (this.#half !== null) {
      this.#addSamples(new DataView(Uint8Array.of(this.#half, first).buffer), 0, BYTES_PER_SAMPLE);
      this.#half = null;
      start = 1;
    }
    const whole = start + Math.floor((pcm.length - start) / BYTES_PER_SAMPLE) * BYTES_PER_SAMPLE;
    this.#addSamples(new DataView(pcm.buffer, pcm.byteOffset, pcm.byteLength), start, whole);
    this.#half = pcm[whole] ?? null;
  }

  /** From 0 to 255 for full scale, in the order of time. */
  finish(): Uint8Array {
    if (this.#samples > 0) this.#endStretch();
    return this.#peaks.slice(0, this.#count);
  }

  #addSamples(view: DataView, start: number, end: number): void {
    let at = start;
    while (at < end) {
      const stretchEnd = Math.min(end, at + (this.#samplesPerPeak - this.#samples) * BYTES_PER_SAMPLE);
      this.#samples += (stretchEnd - at) / BYTES_PER_SAMPLE;
      let highest = this.#highest;
      for (; at < stretchEnd; at += BYTES_PER_SAMPLE) {
        const sample = view.getInt16(at, true);
        const height = sample < 0 ? -sample : sample;
        if (height > highest) highest = height;
      }
      this.#highest = highest;
      if (this.#samples === this.#samplesPerPeak) this.#endStretch();
    }
  }

  #endStretch(): void {
    if (this.#count === this.#peaks.length) this.#grow();
    this.#peaks[this.#count] = Math.min(255, Math.round((this.#highest / 32_768) * 255));
    this.#count += 1;
    this.#highest = 0;
    this.#samples = 0;
    if (this.#count === this.#maxPeaks) this.#mergePairs();
  }

  #grow(): void {
    const grown = new Uint8Array(Math.min(this.#maxPeaks, this.#peaks.length * 2));
    grown.set(this.#peaks);
    this.#peaks = grown;
  }

  #mergePairs(): void {
    for (let pair = 0; pair < this.#count / 2; pair += 1) {
      this.#peaks[pair] = Math.max(this.#peaks[2 * pair] ?? 0, this.#peaks[2 * pair + 1] ?? 0);
    }
    this.#count /= 2;
    this.#samplesPerPeak *= 2;
  }
}
