import type { SoundLevel } from '../../domain/media-tool.ts';
import { GatedLoudness } from './gated-loudness.ts';
import { Waveform } from './waveform.ts';

/** What is metered comes in this rate: the library's. */
export const METER_RATE_HZ = 44_100;
export const STRETCHES_PER_SECOND = 10;

/** Loudness by EBU R128, highest sample and waveform of a sound, of what a meter told of its stretches in order. */
export class SoundSummary {
  readonly #loudness = new GatedLoudness();
  readonly #waveform = new Waveform();
  #peak = 0;
  #stretches = 0;

  addStretch(energy: number, peak: number, mixPeak: number): void {
    this.#loudness.addStretch(energy);
    this.#waveform.addStretch(mixPeak);
    if (peak > this.#peak) this.#peak = peak;
    this.#stretches += 1;
  }

  /** The last of it, which is shorter than a stretch and too short to tell of loudness. */
  addRest(peak: number, mixPeak: number): void {
    this.#waveform.addStretch(mixPeak);
    if (peak > this.#peak) this.#peak = peak;
  }

  /** Of all that was added so far. */
  level(): SoundLevel {
    const integratedLufs = this.#loudness.integrated();
    return { peak: this.#peak, ...(integratedLufs === undefined ? {} : { integratedLufs }) };
  }

  /** What was added, in whole stretches. */
  get doneMs(): number {
    return (this.#stretches * 1000) / STRETCHES_PER_SECOND;
  }

  /** After the last of it. As `Loudness.waveform` has it. */
  finishWaveform(): Uint8Array {
    return this.#waveform.finish();
  }
}
