import type { Part } from './parts.ts';
import type { PlayerState, SleepChoice } from './player-state.ts';
import type { Sleep } from './stream-address.ts';

/** As long as the server's own fade. */
const FADE_S = 20;

/** When what plays is to end; in seconds of what is heard, so that a pause does not count. */
export class SleepTimer {
  #choice: SleepChoice | null = null;
  #endS = Infinity;

  /** @param part what is heard at that time; null while it is not known */
  set(choice: SleepChoice | null, positionS = 0, part: Part | null = null): void {
    this.#choice = choice;
    this.#endS = typeof choice === 'number' ? positionS + choice * 60 : this.#endOf(part);
  }

  /** Minutes are taken along; the end of a part is that of the one where it lands. */
  jump(byS: number, part: Part | null = null): void {
    this.#endS = typeof this.#choice === 'number' ? this.#endS + byS : this.#endOf(part);
  }

  get state(): Pick<PlayerState, 'sleep' | 'sleepEndS'> {
    return { sleep: this.#choice, sleepEndS: this.#endS === Infinity ? null : this.#endS };
  }

  /** Of the volume, where the page itself ends what it plays: 1 until it gets quieter. */
  shareAt(positionS: number): number {
    return Math.min(1, Math.max(0, (this.#endS - positionS) / FADE_S));
  }

  isOver(positionS: number): boolean {
    return positionS >= this.#endS;
  }

  /** What a stream's server is asked for: it lets the track play on to its end. */
  forServer(fromS: number): Sleep | null {
    if (this.#choice === null) return null;
    return { seconds: this.#choice === 'track' ? 1 : this.#endS - fromS, mode: 'track' };
  }

  #endOf(part: Part | null): number {
    return this.#choice === 'track' && part !== null ? part.startS + part.durationS : Infinity;
  }
}
