import { api, dataOf } from '../api/client.ts';
import { messageOf } from '../api/problem.ts';
import type { AudioFile, Plan, PlayMode } from '../api/types.ts';

export type PlayerSource =
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly title: string;
      readonly coverUrl?: string | undefined;
    }
  | { readonly kind: 'stream'; readonly name: string; readonly title: string; readonly playMode: PlayMode };

export interface PlayerState {
  readonly source: PlayerSource | null;
  readonly isPlaying: boolean;
  readonly isWaiting: boolean;
  /** Seconds since the beginning of what is heard. */
  readonly positionS: number;
  /** Infinity for an endless stream. */
  readonly durationS: number;
  /** What a finite stream plays, and when; null for a file or an endless stream. */
  readonly plan: Plan | null;
  readonly problem: string | null;
}

const SILENT: PlayerState = {
  source: null,
  isPlaying: false,
  isWaiting: false,
  positionS: 0,
  durationS: 0,
  plan: null,
  problem: null,
};

/** The one player of the page. It outlives every view; views read it with `usePlayer`. */
class Player {
  readonly audio = new Audio();
  #state = SILENT;
  readonly #listeners = new Set<() => void>();

  constructor() {
    const { audio } = this;
    audio.preload = 'auto';
    const follow = (): void =>
      this.#change({
        isPlaying: !audio.paused && !audio.ended,
        isWaiting: !audio.paused && audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
        positionS: audio.currentTime,
        durationS: Number.isNaN(audio.duration) ? this.#state.durationS : audio.duration,
      });
    for (const event of [
      'play',
      'playing',
      'pause',
      'waiting',
      'timeupdate',
      'seeked',
      'durationchange',
      'ended',
    ]) {
      audio.addEventListener(event, follow);
    }
    audio.addEventListener('error', () => {
      if (this.#state.source !== null) this.#change({ problem: messageOf(audio.error), isPlaying: false });
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getState = (): PlayerState => this.#state;

  async playFile(
    file: Pick<AudioFile, 'filename' | 'title' | 'cover_url' | 'duration'>,
    fromS = 0,
  ): Promise<void> {
    const { filename: name, title, cover_url: coverUrl, duration: durationS } = file;
    this.#change({ ...SILENT, source: { kind: 'file', name, title, coverUrl }, durationS });
    await this.#start(`/api/audio/${encodeURIComponent(name)}`, fromS);
  }

  async playStream(stream: { name: string; title?: string; playMode: PlayMode }, fromS = 0): Promise<void> {
    const { name, title = name, playMode } = stream;
    this.#change({ ...SILENT, source: { kind: 'stream', name, title, playMode } });
    const isEndless = playMode === 'loop' || playMode === 'endless-shuffle';
    const plan = isEndless
      ? null
      : await dataOf(api.GET('/api/streams/{name}/plan', { params: { path: { name } } }));
    this.#change({ plan });
    await this.#start(`/api/streams/${encodeURIComponent(name)}/stream.mp3`, fromS);
  }

  async resume(): Promise<void> {
    await this.audio.play();
  }

  pause(): void {
    this.audio.pause();
  }

  seek(toS: number): void {
    this.audio.currentTime = Math.max(0, toS);
  }

  stop(): void {
    this.audio.pause();
    this.audio.removeAttribute('src');
    this.audio.load();
    this.#change(SILENT);
  }

  async #start(address: string, fromS: number): Promise<void> {
    this.audio.src = address;
    if (fromS > 0) this.audio.currentTime = fromS;
    try {
      await this.audio.play();
    } catch (error) {
      // Another source was chosen before this one began.
      if (error instanceof DOMException && error.name === 'AbortError') return;
      this.#change({ problem: messageOf(error) });
    }
  }

  #change(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export const player = new Player();
