import type { AudioFile } from '../../domain/audio-file.ts';
import { RECORD_FIELDS, SEARCHED_FIELDS, searchedTexts } from '../../domain/audio-search.ts';
import type { SearchedField } from '../../domain/audio-search.ts';
import { searchableWords } from '../../domain/search-text.ts';
import { cutTranscriptWord } from '../../domain/transcript-words.ts';

/** What is searched of a record, and whose it is. */
export type SearchedFile = Parameters<typeof searchedTexts>[0] & Pick<AudioFile, 'tenantId'>;

/**
 * A word goes into the index with its field in front, as one term: so that the files that have it in the title are
 * listed by themselves, newest last, and the best few are read without a look at the others.
 */
const FIELD_MARKS: Readonly<Record<SearchedField, string>> = {
  title: 't',
  filename: 'f',
  tags: 'g',
  description: 'd',
  transcript: 's',
};

const tenantTerm = (tenantId: string): string => `x${Buffer.from(tenantId).toString('hex')}`;

/**
 * The text of the full-text table for a file: its terms, so that FTS5 has nothing left to decide.
 * @param spoken the words of its transcript
 */
export function toTerms(file: SearchedFile, spoken: readonly string[] = []): string {
  const texts = searchedTexts(file);
  const terms = RECORD_FIELDS.flatMap((field) =>
    searchableWords(texts[field]).map((word) => FIELD_MARKS[field] + word),
  );
  const ofTranscript = spoken.map((word) => FIELD_MARKS.transcript + word);
  return [...new Set([tenantTerm(file.tenantId), ...terms, ...ofTranscript])].join(' ');
}

/** As they are kept beside a record: words hold letters, digits and marks only. */
export const joinSpoken = (words: readonly string[]): string => words.join(' ');
export const splitSpoken = (words: string): string[] => words.split(' ');

export function hasSameWords(a: AudioFile, b: AudioFile): boolean {
  return JSON.stringify(searchedTexts(a)) === JSON.stringify(searchedTexts(b));
}

/**
 * An FTS5 query for what `searchLevel` puts at this level or a better one. Words hold letters, digits and marks only, so
 * that nothing in them can end the quotes. https://sqlite.org/fts5.html#full_text_query_syntax
 */
export function toMatchExpression(tenantId: string, words: readonly string[], level: number): string {
  const fields = SEARCHED_FIELDS.slice(0, Math.max(1, level));
  const suffix = level === 0 ? '' : ' *';
  const anywhere = words.map(
    (word) => `(${fields.map((field) => `"${termOf(field, word)}"${suffix}`).join(' OR ')})`,
  );
  return [...anywhere, tenantTerm(tenantId)].join(' AND ');
}

const termOf = (field: SearchedField, word: string): string =>
  FIELD_MARKS[field] + (field === 'transcript' ? cutTranscriptWord(word) : word);
