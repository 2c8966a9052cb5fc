/** ITU-R BS.1770-5, annex 1: blocks of 400 ms, each 100 ms after the one before. */
const STRETCHES_PER_BLOCK = 4;
const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
/** Levels from the absolute gate to +10 LUFS, in steps of 0.05 LU: memory does not grow with the length of the sound. */
const BINS_PER_LU = 20;
const BINS = 80 * BINS_PER_LU;

/** Integrated loudness of a sound, out of the mean energy of its stretches of 100 ms. */
export class GatedLoudness {
  readonly #last: number[] = [];
  /** Of the blocks of each level: how many, and their energies' sum. */
  readonly #counts = new Float64Array(BINS);
  readonly #energies = new Float64Array(BINS);

  /** @param energy mean square, K-weighted, summed over the channels */
  addStretch(energy: number): void {
    this.#last.push(energy);
    if (this.#last.length < STRETCHES_PER_BLOCK) return;
    const block = this.#last.reduce((sum, each) => sum + each, 0) / STRETCHES_PER_BLOCK;
    this.#last.shift();
    const bin = binOf(block);
    if (bin < 0) return;
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#energies[bin] = (this.#energies[bin] ?? 0) + block;
  }

  /** @returns LUFS; undefined when no block was above the gate */
  integrated(): number | undefined {
    const ungated = this.#meanFrom(0);
    return ungated === 0 ? undefined : toLufs(this.#meanFrom(binOf(ungated * 10 ** (RELATIVE_GATE_LU / 10))));
  }

  #meanFrom(firstBin: number): number {
    let [count, energy] = [0, 0];
    for (let bin = Math.max(0, firstBin); bin < BINS; bin += 1) {
      count += this.#counts[bin] ?? 0;
      energy += this.#energies[bin] ?? 0;
    }
    return count === 0 ? 0 : energy / count;
  }
}

/** @returns below 0 under the absolute gate */
function binOf(energy: number): number {
  return Math.min(BINS - 1, Math.floor((toLufs(energy) - ABSOLUTE_GATE_LUFS) * BINS_PER_LU));
}

function toLufs(energy: number): number {
  return -0.691 + 10 * Math.log10(energy);
}
