import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { AppError } from '../../domain/app-error.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { LAST_LEVEL } from '../../domain/audio-search.ts';
import { spokenKey } from './dynamo-audio-keys.ts';
import { levelPrefix, placeOf, termPartition } from './dynamo-audio-terms.ts';
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { itemKey } from './keys.ts';

type FileName = Pick<AudioFile, 'tenantId' | 'filename'>;

/** The words of a file's transcript: to know its terms when they are deleted, and to move them to another home. Half a
 * megabyte of words takes at most two thirds of that here, and some 20 ms; an item holds 400 KB. */
export function spokenItem(file: FileName, termsId: string, words: readonly string[]): Item {
  const { tenantId, filename } = file;
  return {
    ...spokenKey(tenantId, filename),
    tenant_id: tenantId,
    filename,
    transcript_terms_id: termsId,
    // Not a Buffer, which JSON would write out byte by byte.
    words: new Uint8Array(deflateRawSync(words.join(' '))),
  };
}

export function spokenWordsOf(item: Item): string[] {
  const packed = item['words'];
  if (!(packed instanceof Uint8Array)) {
    throw new AppError('internal', 'An item of the words of a transcript holds none.');
  }
  return inflateRawSync(packed).toString('utf8').split(' ');
}

export async function findSpokenWords(
  table: DynamoTable,
  { tenantId, filename }: FileName,
): Promise<string[]> {
  const item = await table.get(spokenKey(tenantId, filename), { consistent: true });
  return item === null ? [] : spokenWordsOf(item);
}

/**
 * The key of the term of one beginning. It is there, for the `termsId` that the record names, exactly when a word of the
 * transcript begins so: nothing else needs to be read to know.
 */
export const spokenTermKey = (
  { tenantId, filename }: FileName,
  arrival: number,
  termsId: string,
  beginning: string,
): ItemKey =>
  itemKey(
    termPartition(tenantId, beginning),
    `${levelPrefix(LAST_LEVEL)}${placeOf(filename, arrival)}${termsId}`,
  );

/** Those of each beginning of each word. */
export function spokenTermKeys(
  file: FileName,
  arrival: number,
  termsId: string,
  words: readonly string[],
): ItemKey[] {
  const beginnings = new Set<string>();
  for (const word of words) {
    let beginning = '';
    for (const letter of word) beginnings.add((beginning += letter));
  }
  return Array.from(beginnings, (beginning) => spokenTermKey(file, arrival, termsId, beginning));
}
