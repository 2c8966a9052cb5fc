import { randomBytes } from 'node:crypto';
import type { AudioFile } from '../../domain/audio-file.ts';
import { RECORD_FIELDS, searchedTexts } from '../../domain/audio-search.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import { searchableWords } from '../../domain/search-text.ts';
import { MAX_TRANSCRIPT_WORD_LENGTH } from '../../domain/transcript-words.ts';
import type { AudioBookkeeping } from './dynamo-audio-item.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { text } from './item-fields.ts';
import { itemKey, keyOf, newestFirst, ofTenant } from './keys.ts';
import { chunksOf } from './repetition.ts';

/** In characters. What is longer is looked for among those that begin alike; of a transcript nothing is longer. */
export const MAX_TERM_LENGTH = MAX_TRANSCRIPT_WORD_LENGTH;

/** What a term says of a file. */
export interface TermHit {
  /** At which a search for this beginning alone finds the file (`searchLevel`). */
  readonly level: number;
  /** The same in all terms of a file, and sorts those first that came last. */
  readonly place: string;
  /** Of the terms that say so. */
  readonly keys: readonly ItemKey[];
}

/** Where all files of a tenant are that have a word which begins so; by level, and of one level the newest first. */
export const termPartition = (tenantId: string, beginning: string): string =>
  ofTenant(tenantId, `TERM#${beginning}`);

/** The sort keys of one level begin so. */
export const levelPrefix = (level: number): string => `${level}#`;

/**
 * The keys of all terms of a record: one for each beginning of each of its words, since what is looked for is the
 * beginning of a word. `termsId` makes them its own: no other writer ever writes or deletes them.
 */
export function termKeys(file: AudioFile, { arrival, termsId }: AudioBookkeeping): ItemKey[] {
  const levels = new Map<string, number>();
  const note = (beginning: string, level: number): void => {
    levels.set(beginning, Math.min(level, levels.get(beginning) ?? level));
  };
  const texts = searchedTexts(file);
  for (const [place, field] of RECORD_FIELDS.entries()) {
    for (const word of searchableWords(texts[field])) {
      const letters = Array.from(word);
      for (let length = 1; length <= Math.min(letters.length, MAX_TERM_LENGTH); length += 1) {
        note(letters.slice(0, length).join(''), place + 1);
      }
      if (field === 'title' && letters.length <= MAX_TERM_LENGTH) note(word, 0);
    }
  }
  const place = `${placeOf(file.filename, arrival)}${termsId}`;
  return [...levels].map(([beginning, level]) =>
    itemKey(termPartition(file.tenantId, beginning), `${levelPrefix(level)}${place}`),
  );
}

export function hitOf(item: Item): TermHit {
  const key = text(item, 'SK');
  const end = key.indexOf('#');
  const place = key.slice(end + 1, key.lastIndexOf('#') + 1);
  return { level: Number(key.slice(0, end)), place, keys: [keyOf(item)] };
}

/** The place of a file: its terms have it before their id. */
export const placeOf = (filename: string, arrival: number): string => `${newestFirst(arrival)}#${filename}#`;

export const filenameOf = ({ place }: TermHit): string => place.slice(place.indexOf('#') + 1, -1);

const TERMS_ID = /^[0-9a-f]{16}$/;

/** Nobody else's, without `#`, and with the second in which it was made. */
export const newTermsId = (nowMs: number): string =>
  Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, '0') + randomBytes(4).toString('hex');

export const termsIdOf = ({ SK }: ItemKey): string => SK.slice(SK.lastIndexOf('#') + 1);

/** When the terms of this id were written; undefined for an id of another form. */
export const writtenAtMs = (termsId: string): number | undefined =>
  TERMS_ID.test(termsId) ? Number.parseInt(termsId.slice(0, 8), 16) * 1000 : undefined;

/** As DynamoDB orders text, by the bytes of UTF-8: those of UTF-16 are in another order. */
export function comparePlaces(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** An hour of speech has ten thousand terms. */
const TERMS_A_RUN = 250;
const RUNS_AT_ONCE = 8;

export async function writeTerms(table: DynamoTable, keys: readonly ItemKey[]): Promise<void> {
  await mapBounded(chunksOf(keys, TERMS_A_RUN), RUNS_AT_ONCE, (some) =>
    table.writeMany(some.map((put) => ({ put: { ...put } }))),
  );
}

export async function deleteTerms(table: DynamoTable, keys: readonly ItemKey[]): Promise<void> {
  await mapBounded(chunksOf(keys, TERMS_A_RUN), RUNS_AT_ONCE, (some) =>
    table.writeMany(some.map((key) => ({ delete: key }))),
  );
}
