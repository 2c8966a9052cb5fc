import type { AudioFile, AudioFileMatch } from './audio-file.ts';
import { markMatches, searchableWords } from './search-text.ts';
import { cutTranscriptWord } from './transcript-words.ts';

/** What is searched of a record itself, best first; the names are those of the interface. */
export const RECORD_FIELDS = ['title', 'filename', 'tags', 'description'] as const;
export type RecordField = (typeof RECORD_FIELDS)[number];

/** Where a word may be found, best first. */
export const SEARCHED_FIELDS = [...RECORD_FIELDS, 'transcript'] as const;
export type SearchedField = (typeof SEARCHED_FIELDS)[number];

/** What is searched of a record. */
export function searchedTexts(
  file: Pick<AudioFile, 'title' | 'filename' | 'tags' | 'description'>,
): Record<RecordField, string> {
  const { title, filename, tags, description } = file;
  return { title, filename: filename.replace(/\.mp3$/, ''), tags: tags.join(', '), description };
}

/** That of what is found in the transcript only. */
export const LAST_LEVEL = SEARCHED_FIELDS.length;

/**
 * How well a file answers a search; the order of what is found. 0: each of the words is one of the title. 1: each
 * begins one of the title. 2: of title or file name; and so on, up to `LAST_LEVEL`.
 * @param spoken the words of its transcript, as `transcriptWords` makes them
 * @returns null when one of the words begins none in the file
 */
export function searchLevel(
  file: AudioFile,
  words: readonly string[],
  spoken: readonly string[] = [],
): number | null {
  const found = searchRecord(file, words);
  const areSpoken = found.missing.every((word) => {
    const beginning = cutTranscriptWord(word);
    return spoken.some((one) => one.startsWith(beginning));
  });
  if (found.missing.length > 0) return areSpoken ? LAST_LEVEL : null;
  return found.level;
}

export interface FoundInRecord {
  /** Of the words that the record itself has; 0 when it has none. */
  readonly level: number;
  /** Those that it does not have. */
  readonly missing: readonly string[];
}

/** The share of `searchLevel` that needs no transcript. */
export function searchRecord(file: AudioFile, words: readonly string[]): FoundInRecord {
  const texts = searchedTexts(file);
  const written = RECORD_FIELDS.map((field) => searchableWords(texts[field]));
  const [title = []] = written;
  if (words.every((word) => title.includes(word))) return { level: 0, missing: [] };
  const places = words.map((word) => written.findIndex((own) => own.some((one) => one.startsWith(word))));
  return { level: Math.max(...places) + 1, missing: words.filter((_, index) => places[index] === -1) };
}

/** Which fields of a record that was found have one of the words, with a snippet of each. */
export function describeMatches(file: AudioFile, words: readonly string[]): AudioFileMatch {
  const texts = searchedTexts(file);
  const matches = RECORD_FIELDS.flatMap((field) => {
    const snippet = markMatches(texts[field], words);
    return snippet === null ? [] : [{ field, snippet }];
  });
  return { file, matches };
}
