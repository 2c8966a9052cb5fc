import { ownAddress } from '../../api/own-address.ts';
import type { Problem } from '../../api/problem.ts';
import { Deck, type DeckState, type Sound } from '../../player/deck.ts';
import { partAt } from '../../player/parts.ts';
import type { LinkedAudio, LinkedTrack } from './linked-audio.ts';

export interface ListenState {
  readonly isPlaying: boolean;
  readonly isWaiting: boolean;
  /** What plays, or would when play is pressed; null before anything was pressed. */
  readonly track: LinkedTrack | null;
  readonly trouble: Problem | null;
  readonly isTrying: boolean;
}

const STILL: ListenState = {
  isPlaying: false,
  isWaiting: false,
  track: null,
  trouble: null,
  isTrying: false,
};

/** An element tells the time four times a second: sooner than this before its end, a track is not left. */
const EARLY_S = 0.15;

/** Plays what a link opens, track by track, for whoever cannot read yet. */
export class ListenPlayer {
  readonly #deck = new Deck({ onChange: (state) => this.#follow(state), onEnd: () => this.#end() });
  readonly #tracks: readonly (LinkedTrack & { readonly startS: number })[];
  readonly #order: readonly number[];
  readonly #isShuffled: boolean;
  readonly #isRound: boolean;
  readonly #sound: Sound;
  #state = STILL;
  readonly #listeners = new Set<() => void>();

  constructor(linked: LinkedAudio) {
    const { kind, play_mode: mode, tracks, stream_url: url } = linked;
    this.#tracks = tracks
      .filter(({ state }) => state === 'ready')
      .map((track) => ({ ...track, startS: track.start_s }));
    this.#isShuffled = mode === 'shuffle' || mode === 'endless-shuffle';
    this.#isRound = mode === 'loop' || mode === 'endless-shuffle';
    this.#order = this.#isShuffled ? shuffled(this.#tracks.length) : [...this.#tracks.keys()];
    const last = this.#tracks.at(-1);
    this.#sound = {
      addressFrom: (fromS) => (kind === 'file' ? ownAddress(url) : inOrder(ownAddress(url), fromS)),
      seeks: kind === 'file',
      durationS: (last?.startS ?? 0) + (last?.duration ?? 0),
    };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly getState = (): ListenState => this.#state;

  /** From its beginning. */
  playTrack(track: LinkedTrack): void {
    this.#change({ track, trouble: null });
    this.#deck.load(this.#sound, track.start_s, { plays: true });
  }

  play(): void {
    if (this.#state.track === null || this.#deck.audio.ended) this.#playAt(0);
    else this.#deck.play();
  }

  pause(): void {
    this.#deck.pause();
  }

  toggle(): void {
    if (this.#state.isPlaying) this.pause();
    else this.play();
  }

  /** By one, in the order that is played; around the end. */
  skip(by: 1 | -1): void {
    const count = this.#order.length;
    this.#playAt((this.#place() + by + count) % count);
  }

  close(): void {
    this.#deck.eject();
    this.#deck.audio.remove();
  }

  #playAt(place: number): void {
    const track = this.#tracks[this.#order[place] ?? -1];
    if (track !== undefined) this.playTrack(track);
  }

  /** Of what plays, in the order that is played. */
  #place(): number {
    const { track } = this.#state;
    return this.#order.findIndex((place) => this.#tracks[place]?.index === track?.index);
  }

  #follow({ isPlaying, isWaiting, positionS, trouble, isTrying }: DeckState): void {
    const { track } = this.#state;
    if (track === null) return;
    if (this.#isShuffled && isPlaying && positionS >= track.start_s + track.duration - EARLY_S) {
      this.#end();
      return;
    }
    const heard = this.#tracks[partAt(this.#tracks, positionS)] ?? track;
    this.#change({ isPlaying, isWaiting, trouble, isTrying, track: this.#isShuffled ? track : heard });
  }

  #end(): void {
    const next = this.#place() + 1;
    if (next < this.#order.length && this.#isShuffled) this.#playAt(next);
    else if (this.#isRound) this.#playAt(0);
    else this.#deck.pause();
  }

  #change(change: Partial<ListenState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** The tiles stand in the order of the queue, and a tap plays on in it, whatever the mode of the stream. */
function inOrder(address: string, fromS: number): string {
  const url = new URL(address, location.href);
  url.searchParams.set('play_mode', 'sequential');
  // A moment into its first frame: the server rounds down.
  if (fromS > 0) url.searchParams.set('from', (fromS + 0.002).toFixed(3));
  return url.pathname + url.search;
}

/** Fisher and Yates. */
function shuffled(count: number): number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
