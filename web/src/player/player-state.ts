import type { AudioFile, Plan, PlayMode } from '../api/types.ts';
import type { Part } from './parts.ts';

export type PlayableFile = Pick<AudioFile, 'filename' | 'title' | 'cover_url' | 'duration'>;

export type PlayerSource =
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly title: string;
      readonly coverUrl?: string | undefined;
    }
  | { readonly kind: 'stream'; readonly name: string; readonly title: string; readonly playMode: PlayMode };

/** Ends with what plays now, or after so many minutes of sound. */
export type SleepChoice = 'track' | number;

export interface PlayerState {
  readonly source: PlayerSource | null;
  readonly isPlaying: boolean;
  readonly isWaiting: boolean;
  /** Seconds since the beginning of what is heard. */
  readonly positionS: number;
  /** Infinity for an endless stream. */
  readonly durationS: number;
  /** What a stream plays, and when; of an endless one, its first hours. Null for a file. */
  readonly plan: Plan | null;
  /** Tracks of a stream, chapters of a file. */
  readonly parts: readonly Part[];
  /** The part that is heard; null while none is known. */
  readonly part: Part | null;
  readonly partIndex: number;
  /** Why it does not play, in words; it may be tried again by itself all the same. */
  readonly problem: string | null;
  readonly sleep: SleepChoice | null;
  /** Where the sleep timer ends it. */
  readonly sleepEndS: number | null;
  /** Where it went on by itself, because it had been stopped there; until somebody seeks. */
  readonly wentOnAtS: number | null;
  readonly rate: number;
  readonly volume: number;
}

export const SILENT = {
  source: null,
  isPlaying: false,
  isWaiting: false,
  positionS: 0,
  durationS: 0,
  plan: null,
  parts: [],
  part: null,
  partIndex: -1,
  problem: null,
  sleep: null,
  sleepEndS: null,
  wentOnAtS: null,
} as const satisfies Partial<PlayerState>;

/** At which speed nothing is heard any sooner: the server sends at playing speed. */
export const isLive = ({ durationS }: Pick<PlayerState, 'durationS'>): boolean => durationS === Infinity;

/** A file that was played before. */
export const fileOf = (
  { name: filename, title, coverUrl }: PlayerSource & { readonly kind: 'file' },
  duration: number,
): PlayableFile => ({
  filename,
  title,
  duration,
  ...(coverUrl !== undefined && { cover_url: coverUrl }),
});
