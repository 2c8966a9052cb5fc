/** ITU-R BS.1770-5, annex 1: what a sound counts for loudness, by its frequency; in two channels. */

interface Coefficients {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

/**
 * Both stages for any sampling rate: the standard has their coefficients for 48 kHz only. These are the analog
 * prototypes behind them (B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018).
 */
function highShelf(sampleRateHz: number): Coefficients {
  const gain = 10 ** (3.999843853973347 / 20);
  const [k, q] = [Math.tan((Math.PI * 1681.974450955533) / sampleRateHz), 0.7071752369554196];
  const band = gain ** 0.4996667741545416;
  const scale = 1 + k / q + k * k;
  return {
    b0: (gain + (band * k) / q + k * k) / scale,
    b1: (2 * (k * k - gain)) / scale,
    b2: (gain - (band * k) / q + k * k) / scale,
    a1: (2 * (k * k - 1)) / scale,
    a2: (1 - k / q + k * k) / scale,
  };
}

function highPass(sampleRateHz: number): Coefficients {
  const [k, q] = [Math.tan((Math.PI * 38.13547087602444) / sampleRateHz), 0.5003270373238773];
  const scale = 1 + k / q + k * k;
  return { b0: 1, b1: -2, b2: 1, a1: (2 * (k * k - 1)) / scale, a2: (1 - k / q + k * k) / scale };
}

/** Below this, what a filter remembers is silence; left alone it would fade into numbers that are slow to reckon with. */
const SILENT = 1e-15;

/** Of the samples that went through since they were taken. */
export interface StretchTotals {
  /** Sum of the squares, K-weighted, of both channels. */
  energy: number;
  /** Highest sample of either channel, … */
  peak: number;
  /** … and of their mean. */
  mixPeak: number;
}

/** Sums what passes. The loops are long, all in numbers of their own: most of a measure's time is here. */
export class KWeighting {
  readonly #shelf: Coefficients;
  readonly #pass: Coefficients;
  /** What the stages remember of each channel: transposed direct form II. */
  readonly #left = new Float64Array(4);
  readonly #right = new Float64Array(4);

  constructor(sampleRateHz: number) {
    this.#shelf = highShelf(sampleRateHz);
    this.#pass = highPass(sampleRateHz);
  }

  /** @param samples interleaved, left first; from `start` up to `end`, both even */
  add(samples: Float32Array, start: number, end: number, totals: StretchTotals): void {
    // Speech is mostly the same in both channels: that is reckoned once.
    if (this.#areAlike() && isMono(samples, start, end)) {
      this.#addMono(samples, start, end, totals);
      this.#right.set(this.#left);
    } else {
      this.#addStereo(samples, start, end, totals);
    }
  }

  #areAlike(): boolean {
    return this.#left.every((value, at) => value === this.#right[at]);
  }

  #addMono(samples: Float32Array, start: number, end: number, totals: StretchTotals): void {
    const { b0, b1, b2, a1, a2 } = this.#shelf;
    const { a1: c1, a2: c2 } = this.#pass;
    let [m1 = 0, m2 = 0, m3 = 0, m4 = 0] = this.#left;
    let { energy, mixPeak } = totals;
    for (let at = start; at < end; at += 2) {
      const sample = samples[at] ?? 0;
      const bright = b0 * sample + m1;
      m1 = b1 * sample + m2 - a1 * bright;
      m2 = b2 * sample - a2 * bright;
      const heard = bright + m3;
      m3 = m4 - 2 * bright - c1 * heard;
      m4 = bright - c2 * heard;
      energy += 2 * heard * heard;
      const height = Math.abs(sample);
      if (height > mixPeak) mixPeak = height;
    }
    this.#left.set([m1, m2, m3, m4].map(audible));
    totals.energy = energy;
    totals.peak = Math.max(totals.peak, mixPeak);
    totals.mixPeak = mixPeak;
  }

  #addStereo(samples: Float32Array, start: number, end: number, totals: StretchTotals): void {
    const { b0, b1, b2, a1, a2 } = this.#shelf;
    const { a1: c1, a2: c2 } = this.#pass;
    let [l1 = 0, l2 = 0, l3 = 0, l4 = 0] = this.#left;
    let [r1 = 0, r2 = 0, r3 = 0, r4 = 0] = this.#right;
    let { energy, peak, mixPeak } = totals;
    for (let at = start; at < end; at += 2) {
      const left = samples[at] ?? 0;
      const right = samples[at + 1] ?? 0;
      const leftBright = b0 * left + l1;
      l1 = b1 * left + l2 - a1 * leftBright;
      l2 = b2 * left - a2 * leftBright;
      const rightBright = b0 * right + r1;
      r1 = b1 * right + r2 - a1 * rightBright;
      r2 = b2 * right - a2 * rightBright;
      const leftHeard = leftBright + l3;
      l3 = l4 - 2 * leftBright - c1 * leftHeard;
      l4 = leftBright - c2 * leftHeard;
      const rightHeard = rightBright + r3;
      r3 = r4 - 2 * rightBright - c1 * rightHeard;
      r4 = rightBright - c2 * rightHeard;
      energy += leftHeard * leftHeard + rightHeard * rightHeard;
      const leftHeight = Math.abs(left);
      const rightHeight = Math.abs(right);
      const mixHeight = Math.abs(left + right) / 2;
      if (leftHeight > peak) peak = leftHeight;
      if (rightHeight > peak) peak = rightHeight;
      if (mixHeight > mixPeak) mixPeak = mixHeight;
    }
    this.#left.set([l1, l2, l3, l4].map(audible));
    this.#right.set([r1, r2, r3, r4].map(audible));
    totals.energy = energy;
    totals.peak = peak;
    totals.mixPeak = mixPeak;
  }
}

const audible = (value: number): number => (Math.abs(value) < SILENT ? 0 : value);

function isMono(samples: Float32Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 2) {
    if (samples[at] !== samples[at + 1]) return false;
  }
  return true;
}
