import { ownAddress } from '../../api/own-address.ts';
import { isEndless } from '../../api/play-mode.ts';
import type { Problem } from '../../api/problem.ts';
import { Deck, type DeckState, type Sound } from '../../player/deck.ts';
import { partAt } from '../../player/parts.ts';
import { withinFrame } from '../../player/stream-address.ts';
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

/** Plays what a link opens, for whoever cannot read yet: from a track on, as one sound. */
export class ListenPlayer {
  readonly #deck = new Deck({ onChange: (state) => this.#follow(state), onEnd: () => this.#end() });
  /** In the order in which they are heard. */
  readonly #tracks: readonly (LinkedTrack & { readonly startS: number })[];
  readonly #isRound: boolean;
  readonly #sound: Sound;
  #state = STILL;
  readonly #listeners = new Set<() => void>();

  constructor(linked: LinkedAudio) {
    const { kind, play_mode: mode, tracks, stream_url: url } = linked;
    this.#tracks = tracks
      .filter(({ state }) => state === 'ready')
      .map((track) => ({ ...track, startS: track.start_s }))
      .sort((one, other) => one.startS - other.startS);
    this.#isRound = isEndless(mode);
    const last = this.#tracks.at(-1);
    this.#sound = {
      addressFrom: (fromS) => (kind === 'file' ? ownAddress(url) : inOrder(linked, fromS)),
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

  /** By one, in the order in which they are heard; around the end. */
  skipBy(by: 1 | -1): void {
    const { track } = this.#state;
    const place = this.#tracks.findIndex(({ index }) => index === track?.index);
    this.#playAt((place + by + this.#tracks.length) % this.#tracks.length);
  }

  close(): void {
    this.#deck.close();
  }

  #playAt(place: number): void {
    const track = this.#tracks[place];
    if (track !== undefined) this.playTrack(track);
  }

  #follow({ isPlaying, isWaiting, positionS, trouble, isTrying }: DeckState): void {
    const { track } = this.#state;
    if (track === null) return;
    const heard = this.#tracks[partAt(this.#tracks, positionS)] ?? track;
    this.#change({ isPlaying, isWaiting, trouble, isTrying, track: heard });
  }

  #end(): void {
    if (this.#isRound) this.#playAt(0);
    else this.#deck.pause();
  }

  #change(change: Partial<ListenState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** What has no end is heard once around, and then begins again: a tap plays from that tile on. */
function inOrder({ stream_url: address, seed }: LinkedAudio, fromS: number): string {
  const url = new URL(ownAddress(address), location.href);
  url.searchParams.set('play_mode', seed === undefined ? 'sequential' : 'shuffle');
  if (seed !== undefined) url.searchParams.set('seed', String(seed));
  if (fromS > 0) url.searchParams.set('from', withinFrame(fromS));
  return url.pathname + url.search;
}
