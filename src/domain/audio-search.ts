import type { AudioFile, AudioFileMatch } from './audio-file.ts';
import { markMatches, searchableWords } from './search-text.ts';

/** Where a word may be found, best first; the names are those of the interface. */
export const SEARCHED_FIELDS = ['title', 'filename', 'tags', 'description'] as const;
export type SearchedField = (typeof SEARCHED_FIELDS)[number];

/** What is searched of a file. */
export function searchedTexts(
  file: Pick<AudioFile, 'title' | 'filename' | 'tags' | 'description'>,
): Record<SearchedField, string> {
  const { title, filename, tags, description } = file;
  return { title, filename: filename.replace(/\.mp3$/, ''), tags: tags.join(', '), description };
}

export const LAST_LEVEL = SEARCHED_FIELDS.length;

/**
 * How well a file answers a search; the order of what is found. 0: each of the words is one of the title. 1: each
 * begins one of the title. 2: of title or file name; and so on, up to `LAST_LEVEL`.
 * @returns null when one of the words begins none in the file
 */
export function searchLevel(file: AudioFile, words: readonly string[]): number | null {
  const texts = searchedTexts(file);
  const written = SEARCHED_FIELDS.map((field) => searchableWords(texts[field]));
  const [title = []] = written;
  if (words.every((word) => title.includes(word))) return 0;
  const places = words.map((word) => written.findIndex((own) => own.some((one) => one.startsWith(word))));
  return places.includes(-1) ? null : Math.max(...places) + 1;
}

/** Which fields of a file that was found have one of the words, with a snippet of each. */
export function describeMatches(file: AudioFile, words: readonly string[]): AudioFileMatch {
  const texts = searchedTexts(file);
  const matches = SEARCHED_FIELDS.flatMap((field) => {
    const snippet = markMatches(texts[field], words);
    return snippet === null ? [] : [{ field, snippet }];
  });
  return { file, matches };
}
