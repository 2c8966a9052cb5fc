import { searchableWords } from './search-text.ts';
import { utf8Length } from './utf8-length.ts';

/** What is longer counts by its beginning, in a transcript and where it is searched for. In characters. */
export const MAX_TRANSCRIPT_WORD_LENGTH = 30;
/** Different ones, of one transcript: eight hours of speech have about 10,000. */
export const MAX_TRANSCRIPT_WORDS = 50_000;
/** Of all of them: a home that keeps them in one item of 400 KB has them packed. */
const MAX_WORDS_BYTES = 500_000;

/** A word, folded as search-text.ts has it, as it is looked for among those of transcripts. */
export const cutTranscriptWord = (word: string): string =>
  word.length <= MAX_TRANSCRIPT_WORD_LENGTH
    ? word
    : Array.from(word).slice(0, MAX_TRANSCRIPT_WORD_LENGTH).join('');

/** The words by which a transcript is found, each once, in the order in which they are said first. What comes after the
 * first 50,000, or half a megabyte, is not searched. */
export function transcriptWords(texts: Iterable<string>): string[] {
  const words = new Set<string>();
  let bytes = 0;
  for (const text of texts) {
    for (const found of searchableWords(text)) {
      const word = cutTranscriptWord(found);
      if (words.has(word)) continue;
      bytes += utf8Length(word) + 1;
      if (words.size === MAX_TRANSCRIPT_WORDS || bytes > MAX_WORDS_BYTES) return [...words];
      words.add(word);
    }
  }
  return [...words];
}
