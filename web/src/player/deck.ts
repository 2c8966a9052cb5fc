import { Problem } from '../api/problem.ts';
import { findTrouble, mayPass } from './playback-trouble.ts';

/** What a deck plays. */
export interface Sound {
  /** Where it plays from a second on. Time counts from there when it is asked for anything but 0. */
  addressFrom(fromS: number): string;
  /** Whether the browser finds any second by itself; else it is asked for by another address. */
  readonly seeks: boolean;
  /** Infinity for what has no end. */
  readonly durationS: number;
}

export interface DeckState {
  readonly isPlaying: boolean;
  readonly isWaiting: boolean;
  /** Seconds since the beginning of the sound, wherever its address begins. */
  readonly positionS: number;
  /** Why it does not play; while `isTrying`, it is tried again by itself. */
  readonly trouble: Problem | null;
  readonly isTrying: boolean;
}

const STILL: DeckState = { isPlaying: false, isWaiting: false, positionS: 0, trouble: null, isTrying: false };

const FOLLOWED = ['play', 'playing', 'pause', 'waiting', 'timeupdate', 'seeking', 'seeked', 'loadedmetadata'];

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 20_000;
/** Then what the server gives cannot be decoded, or is cut off each time. */
const MAX_FAILURES_WITHOUT_REASON = 4;
/** A connection that says nothing for so long is another's. */
const STALLED_MS = 20_000;
/** A header may promise a little more than there is. */
const SHORT_S = 3;

/** One audio element that goes on where it was when its connection breaks. */
export class Deck {
  readonly audio = document.createElement('audio');
  #state = STILL;
  #sound: Sound | null = null;
  #originS = 0;
  /** What the element said when the sound was opened: one that is cut off calls its end its length. */
  #promisedS = Infinity;
  #wantsToPlay = false;
  #failures = 0;
  /** Counts what was opened, and what began to play: why it failed before no longer matters then. */
  #attempt = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stalled: ReturnType<typeof setTimeout> | undefined;
  readonly #onChange: (state: DeckState) => void;
  readonly #onEnd: () => void;

  constructor({ onChange, onEnd }: { onChange: (state: DeckState) => void; onEnd: () => void }) {
    this.#onChange = onChange;
    this.#onEnd = onEnd;
    const { audio } = this;
    audio.preload = 'auto';
    for (const event of FOLLOWED) audio.addEventListener(event, () => this.#follow());
    audio.addEventListener('loadedmetadata', () => {
      this.#promisedS = Number.isFinite(audio.duration) ? audio.duration : Infinity;
    });
    audio.addEventListener('playing', () => {
      this.#attempt += 1;
      clearTimeout(this.#retry);
      this.#change({ trouble: null, isTrying: false });
    });
    audio.addEventListener('ended', () => this.#end());
    audio.addEventListener('error', () => {
      if (this.#sound !== null && audio.error !== null) void this.#fail();
    });
    window.addEventListener('online', this.#goOn);
  }

  readonly #goOn = (): void => {
    if (this.#state.isTrying) this.#open(this.#state.positionS);
  };

  /** For good: nothing of it is left. */
  close(): void {
    this.eject();
    this.audio.remove();
    window.removeEventListener('online', this.#goOn);
  }

  get state(): DeckState {
    return this.#state;
  }

  /** Where what there is ends, as far as its header tells; null before it is known, and without an end. */
  get endS(): number | null {
    return this.#promisedS === Infinity ? null : this.#originS + this.#promisedS;
  }

  load(sound: Sound, fromS: number, { plays }: { readonly plays: boolean }): void {
    this.#sound = sound;
    if (!this.audio.isConnected) document.body.append(this.audio);
    this.#failures = 0;
    this.#wantsToPlay = plays;
    this.#change({ ...STILL, positionS: fromS, isWaiting: plays });
    this.#open(fromS);
  }

  /** Also after it failed: then it is asked for again, from where it was. */
  play(): void {
    if (this.#sound === null) return;
    this.#wantsToPlay = true;
    this.#failures = 0;
    if (this.audio.error !== null || this.#state.trouble !== null) this.#open(this.#state.positionS);
    else this.#playElement();
  }

  pause(): void {
    this.#wantsToPlay = false;
    clearTimeout(this.#retry);
    this.audio.pause();
    this.#change({ isTrying: false });
    this.#follow();
  }

  seek(toS: number): void {
    const sound = this.#sound;
    if (sound === null) return;
    const atS = Math.max(0, Math.min(toS, sound.durationS));
    if (sound.seeks && this.audio.error === null && this.#originS === 0) this.audio.currentTime = atS;
    else this.#open(atS);
    this.#change({ positionS: atS });
  }

  eject(): void {
    this.#sound = null;
    this.#wantsToPlay = false;
    clearTimeout(this.#retry);
    clearTimeout(this.#stalled);
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.load();
    this.#change(STILL);
  }

  #open(fromS: number): void {
    const sound = this.#sound;
    if (sound === null) return;
    this.#attempt += 1;
    clearTimeout(this.#retry);
    const { audio } = this;
    this.#originS = sound.seeks ? 0 : fromS;
    this.#promisedS = Infinity;
    audio.src = sound.addressFrom(this.#originS);
    // Before it knows anything of the sound, an element keeps the time to begin at.
    if (sound.seeks && fromS > 0) audio.currentTime = fromS;
    if (this.#wantsToPlay) this.#playElement();
  }

  #playElement(): void {
    this.#watchStalling();
    this.audio.play().catch((error: unknown) => {
      // AbortError: another sound was chosen before this one began; NotSupportedError comes as an `error` as well.
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.#wantsToPlay = false;
        this.#follow();
      }
    });
  }

  #follow(): void {
    const { audio } = this;
    if (this.#sound === null || audio.error !== null || audio.ended) return;
    const positionS = this.#originS + audio.currentTime;
    const moves = positionS !== this.#state.positionS;
    const isWaiting = !audio.paused && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    this.#change({ isPlaying: this.#wantsToPlay, isWaiting, positionS });
    if (moves && !isWaiting) this.#failures = 0;
    if (moves || !this.#wantsToPlay) this.#watchStalling();
  }

  #watchStalling(): void {
    clearTimeout(this.#stalled);
    if (this.#wantsToPlay) this.#stalled = setTimeout(() => void this.#fail(), STALLED_MS);
  }

  #end(): void {
    const sound = this.#sound;
    if (sound === null) return;
    clearTimeout(this.#stalled);
    const isCutOff =
      this.#promisedS === Infinity
        ? sound.durationS === Infinity
        : this.audio.currentTime < this.#promisedS - SHORT_S;
    if (isCutOff) {
      void this.#fail();
      return;
    }
    this.#wantsToPlay = false;
    this.#change({ isPlaying: false, isWaiting: false });
    this.#onEnd();
  }

  /** It goes on by itself where that can help; else it says why not. */
  async #fail(): Promise<void> {
    const sound = this.#sound;
    if (sound === null) return;
    clearTimeout(this.#stalled);
    const atS = this.#state.positionS;
    if (!this.#wantsToPlay) {
      // Nobody waits for it: pressing play asks again.
      this.#change({ isPlaying: false, isWaiting: false });
      return;
    }
    this.#change({ isWaiting: true });
    const attempt = this.#attempt;
    const found = await findTrouble(sound.addressFrom(sound.seeks ? 0 : atS));
    if (this.#attempt !== attempt || this.#sound !== sound || !this.#wantsToPlay) return;
    this.#failures += 1;
    const trouble = found ?? new Problem('offline', '');
    const canPass = found === null ? this.#failures <= MAX_FAILURES_WITHOUT_REASON : mayPass(found);
    if (!canPass) {
      this.#wantsToPlay = false;
      const reason = found ?? new Problem('unsupported_media', '');
      this.#change({ trouble: reason, isTrying: false, isPlaying: false, isWaiting: false });
      return;
    }
    this.#change({ trouble, isTrying: true, isPlaying: true, isWaiting: true });
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
    clearTimeout(this.#retry);
    // From where somebody has sought by then.
    this.#retry = setTimeout(() => this.#open(this.#state.positionS), pauseMs);
  }

  #change(change: Partial<DeckState>): void {
    this.#state = { ...this.#state, ...change };
    this.#onChange(this.#state);
  }
}
