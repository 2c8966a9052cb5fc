import type { DecodeSection } from './decode-sections.ts';
import { READING_NUMBERS } from './measure-task.ts';
import type { SoundRest } from './measure-task.ts';
import { SoundSummary } from './sound-summary.ts';

/** Of the energies on both sides of a seam: filters that began elsewhere, and sums in another order, differ by less. */
const ENERGY_TOLERANCE = 1e-6;
/** What is left of a sound in a filter when there is silence; far below the gate. */
const SILENT_ENERGY = 1e-12;

/**
 * Puts together what meters tell of the sections of one sound, side by side. What the later ones tell waits for those
 * before: 24 bytes for each 100 ms.
 */
export class SectionMerge {
  readonly summary = new SoundSummary();
  readonly #sections: readonly Pick<DecodeSection, 'runInStretches' | 'stretches'>[];
  readonly #waiting: Float64Array[][];
  /** The section that is being taken in, and how many of its stretches have been, those of the run-in included. */
  #current = 0;
  #taken = 0;
  #last: readonly number[] = [];
  #fits = true;

  constructor(sections: readonly Pick<DecodeSection, 'runInStretches' | 'stretches'>[]) {
    this.#sections = sections;
    this.#waiting = sections.map(() => []);
  }

  add(section: number, readings: Float64Array): void {
    this.#waiting[section]?.push(readings);
    for (;;) {
      const next = this.#waiting[this.#current]?.shift();
      if (next === undefined) return;
      this.#take(next);
    }
  }

  /**
   * After the last of all.
   * @param rests of each section
   * @returns whether the sections fit together: each passed on what it was to, and where two meet, both heard the same
   */
  end(rests: readonly SoundRest[]): boolean {
    const last = rests.at(-1);
    const isWhole =
      this.#current === this.#sections.length - 1 && rests.slice(0, -1).every(({ moments }) => moments === 0);
    if (last !== undefined && last.moments > 0) this.summary.addRest(last.peak, last.mixPeak);
    return this.#fits && isWhole;
  }

  #take(readings: Float64Array): void {
    const section = this.#current;
    for (let at = 0; at < readings.length; at += READING_NUMBERS) {
      // More than it was to pass on.
      if (this.#current !== section) this.#fits = false;
      this.#takeStretch(readings[at] ?? 0, readings[at + 1] ?? 0, readings[at + 2] ?? 0);
    }
  }

  #takeStretch(energy: number, peak: number, mixPeak: number): void {
    const { runInStretches = 0, stretches = 0 } = this.#sections[this.#current] ?? {};
    this.#taken += 1;
    if (this.#taken > runInStretches) {
      this.summary.addStretch(energy, peak, mixPeak);
      this.#last = [energy, peak, mixPeak];
    } else if (this.#taken === runInStretches) this.#compare(energy, peak, mixPeak);
    if (this.#taken < runInStretches + stretches || this.#current === this.#sections.length - 1) return;
    this.#current += 1;
    this.#taken = 0;
  }

  /** The last stretch of a section is the last one of the next one's run-in. */
  #compare(energy: number, peak: number, mixPeak: number): void {
    const [lastEnergy = 0, lastPeak, lastMixPeak] = this.#last;
    const isSame =
      Math.abs(energy - lastEnergy) <= ENERGY_TOLERANCE * lastEnergy + SILENT_ENERGY &&
      peak === lastPeak &&
      mixPeak === lastMixPeak;
    if (!isSame) this.#fits = false;
  }
}
