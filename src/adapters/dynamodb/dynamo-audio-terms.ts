import type { AudioFile } from '../../domain/audio-file.ts';
import { SEARCHED_FIELDS, searchedTexts } from '../../domain/audio-search.ts';
import { searchableWords } from '../../domain/search-text.ts';
import type { AudioBookkeeping } from './dynamo-audio-item.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { text } from './item-fields.ts';
import { itemKey, newestFirst, ofTenant } from './keys.ts';

/** In characters. What is longer is looked for among those that begin alike. */
export const MAX_TERM_LENGTH = 30;

/** What a term says of a file: the level (`searchLevel`) at which a search for this beginning alone finds it. */
export interface TermHit {
  readonly filename: string;
  readonly level: number;
  /** Sorts those first that came last. */
  readonly order: string;
  readonly termsId: string;
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
  for (const [place, field] of SEARCHED_FIELDS.entries()) {
    for (const word of searchableWords(texts[field])) {
      const letters = Array.from(word).slice(0, MAX_TERM_LENGTH);
      for (let length = 1; length <= letters.length; length += 1) {
        note(letters.slice(0, length).join(''), place + 1);
      }
      if (field === 'title') note(letters.join(''), 0);
    }
  }
  const place = `${newestFirst(arrival)}#${file.filename}#${termsId}`;
  return [...levels].map(([beginning, level]) =>
    itemKey(termPartition(file.tenantId, beginning), `${levelPrefix(level)}${place}`),
  );
}

export function hitOf(item: Item): TermHit {
  const [level = '', order = '', ...rest] = text(item, 'SK').split('#');
  const termsId = rest.pop() ?? '';
  return { level: Number(level), order, filename: rest.join('#'), termsId };
}

export const writeTerms = (table: DynamoTable, keys: readonly ItemKey[]): Promise<void> =>
  table.writeMany(keys.map((put) => ({ put: { ...put } })));

export const deleteTerms = (table: DynamoTable, keys: readonly ItemKey[]): Promise<void> =>
  table.writeMany(keys.map((key) => ({ delete: key })));
