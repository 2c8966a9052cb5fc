import type { AudioFile } from '../../domain/audio-file.ts';
import { searchedTexts } from '../../domain/audio-search.ts';
import { searchableWords } from '../../domain/search-text.ts';

/** The row of the full-text table: the words as the domain sees them, so that FTS5 has nothing left to decide. */
export function toWordsRow(file: AudioFile) {
  const { title, filename, tags, description } = searchedTexts(file);
  const words = (text: string): string => searchableWords(text).join(' ');
  return {
    title: words(title),
    filename: words(filename),
    tags: words(tags),
    description: words(description),
  };
}

export function hasSameWords(a: AudioFile, b: AudioFile): boolean {
  return JSON.stringify(searchedTexts(a)) === JSON.stringify(searchedTexts(b));
}

/** An FTS5 query in which each word, quoted, is the beginning of one in the file. Words hold letters and digits only,
 * so nothing in them can end the quotes. https://sqlite.org/fts5.html#full_text_query_syntax */
export function toMatchExpression(words: readonly string[]): string {
  return words.map((word) => `"${word}" *`).join(' AND ');
}
