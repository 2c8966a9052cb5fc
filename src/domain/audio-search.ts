import type { AudioFile, AudioFileMatch } from './audio-file.ts';
import { markMatches } from './search-text.ts';

/** Where a word may be found, best first; the names are those of the interface. */
export const SEARCHED_FIELDS = ['title', 'filename', 'tags', 'description'] as const;
export type SearchedField = (typeof SEARCHED_FIELDS)[number];

/** What is searched of a file. */
export function searchedTexts(file: AudioFile): Record<SearchedField, string> {
  const { title, filename, tags, description } = file;
  return { title, filename: filename.replace(/\.mp3$/, ''), tags: tags.join(', '), description };
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
