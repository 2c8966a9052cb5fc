import { tidyLine } from './tidy-line.ts';

/** Where something begins within a file. It ends where the next one begins, or with the file. */
export interface Chapter {
  /** One line; empty when the file gives none. */
  readonly title: string;
  /** From the start of the audio, whole. */
  readonly startMs: number;
}

export const MAX_CHAPTERS = 1000;
const MAX_TITLE_CHARACTERS = 300;
/** Of all titles together, so that the chapters of one file stay below 400 KB in every home. */
const MAX_TITLES_CHARACTERS = 100_000;

/**
 * Chapters as a file tells them, made fit to keep: in order of their start, one at a moment (the first that was told),
 * at most 1,000 of them, each title one line of at most 300 characters (100, when there are 1,000).
 */
export function tidyChapters(told: readonly Chapter[]): Chapter[] {
  const inOrder = told
    .map(({ title, startMs }) => ({ title, startMs: Math.round(startMs) }))
    .filter(({ startMs }) => Number.isSafeInteger(startMs) && startMs >= 0)
    .sort((a, b) => a.startMs - b.startMs);
  const kept = inOrder
    .filter(({ startMs }, index) => index === 0 || startMs !== inOrder[index - 1]?.startMs)
    .slice(0, MAX_CHAPTERS);
  const maxCharacters = Math.min(MAX_TITLE_CHARACTERS, Math.floor(MAX_TITLES_CHARACTERS / kept.length));
  return kept.map(({ title, startMs }) => ({ title: tidyLine(title, maxCharacters), startMs }));
}

/** Those that begin before the end. */
export function chaptersWithin(chapters: readonly Chapter[], durationMs: number): Chapter[] {
  return chapters.filter(({ startMs }) => startMs < durationMs);
}
