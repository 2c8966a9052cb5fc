const RATE = 'earshot.rate';
const VOLUME = 'earshot.volume';

/** How fast and how loud this device plays, whatever it plays. */
export class PlayerTaste {
  readonly #audio: HTMLAudioElement;
  #faded = 1;
  #isLive = false;
  rate = numberOf(RATE);
  volume = numberOf(VOLUME);

  constructor(audio: HTMLAudioElement) {
    this.#audio = audio;
    audio.volume = this.volume;
  }

  setRate(rate: number): void {
    this.rate = rate;
    localStorage.setItem(RATE, String(rate));
    this.apply({ isLive: this.#isLive });
  }

  setVolume(volume: number): void {
    this.volume = volume;
    localStorage.setItem(VOLUME, String(volume));
    this.fade(this.#faded);
  }

  /** @param isLive then faster than it comes it cannot be heard */
  apply({ isLive }: { readonly isLive: boolean }): void {
    this.#isLive = isLive;
    const rate = isLive ? 1 : this.rate;
    // A new source begins at the one, and plays at the other.
    this.#audio.defaultPlaybackRate = rate;
    this.#audio.playbackRate = rate;
  }

  /** @param share of the volume, 0 to 1 */
  fade(share: number): void {
    this.#faded = share;
    this.#audio.volume = this.volume * share;
  }
}

/** What was kept is between 0 and 2, or it is not ours. */
function numberOf(key: string): number {
  const kept = localStorage.getItem(key);
  const value = Number(kept);
  if (kept === null || !(value >= 0 && value <= 2)) return 1;
  return key === VOLUME ? Math.min(1, value) : Math.max(0.5, value);
}

/** Where the keys of the device alone decide, an element's volume stays at 1 whatever it is told. */
export const canSetVolume = (): boolean => {
  const audio = document.createElement('audio');
  audio.volume = 0.5;
  return audio.volume === 0.5;
};
