/** 100 ms each, for fourteen and a half hours; what is longer gets coarser. */
const MAX_PEAKS = 2 ** 19;

/** The highest samples of a sound, stretch by stretch, in bounded memory. */
export class Waveform {
  readonly #maxPeaks: number;
  #peaks = new Uint8Array(1024);
  #count = 0;
  #stretchesPerPeak = 1;
  /** Of the stretches that do not make a peak yet. */
  #highest = 0;
  #stretches = 0;

  /** @param maxPeaks an even number */
  constructor(maxPeaks = MAX_PEAKS) {
    this.#maxPeaks = maxPeaks;
  }

  /** @param peak of the next 100 ms, 1 = full scale */
  addStretch(peak: number): void {
    this.#highest = Math.max(this.#highest, peak);
    this.#stretches += 1;
    if (this.#stretches === this.#stretchesPerPeak) this.#endPeak();
  }

  /** From 0 to 255 for full scale, in the order of time. */
  finish(): Uint8Array {
    if (this.#stretches > 0) this.#endPeak();
    return this.#peaks.slice(0, this.#count);
  }

  #endPeak(): void {
    if (this.#count === this.#peaks.length) this.#grow();
    this.#peaks[this.#count] = Math.min(255, Math.round(this.#highest * 255));
    this.#count += 1;
    this.#highest = 0;
    this.#stretches = 0;
    if (this.#count === this.#maxPeaks) this.#mergePairs();
  }

  #grow(): void {
    const grown = new Uint8Array(Math.min(this.#maxPeaks, this.#peaks.length * 2));
    grown.set(this.#peaks);
    this.#peaks = grown;
  }

  #mergePairs(): void {
    this.#count /= 2;
    this.#stretchesPerPeak *= 2;
    for (let pair = 0; pair < this.#count; pair += 1) {
      this.#peaks[pair] = Math.max(this.#peaks[2 * pair] ?? 0, this.#peaks[2 * pair + 1] ?? 0);
    }
  }
}
