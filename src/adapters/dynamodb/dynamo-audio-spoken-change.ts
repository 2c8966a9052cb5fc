import { isDeepStrictEqual } from 'node:util';
import type { AudioFile } from '../../domain/audio-file.ts';
import { recordedWords } from '../../domain/old-transcript.ts';
import type { AudioBookkeeping } from './dynamo-audio-item.ts';
import { spokenKey } from './dynamo-audio-keys.ts';
import { findSpokenWords, spokenItem, spokenTermKeys } from './dynamo-audio-spoken.ts';
import { newTermsId } from './dynamo-audio-terms.ts';
import type { DynamoTable, ItemKey, Write } from './dynamo-table.ts';

/** What a save does about the words of a transcript. */
export interface SpokenChange {
  /** Of the terms from then on; undefined for none. */
  readonly termsId: string | undefined;
  /** To be part of the transaction. */
  readonly writes: readonly Write[];
  /** To be written before it. */
  newTerms(arrival: number): ItemKey[];
  /** To be deleted after it. */
  readonly oldTerms: readonly ItemKey[];
}

/**
 * The text in a record of an older program is indexed when it is first saved.
 *
 * @param before null for such a record
 * @param words those that there are from now on; undefined: those that there were
 */
export async function planSpokenChange(
  table: DynamoTable,
  current: AudioFile,
  before: AudioBookkeeping | null,
  words: readonly string[] | undefined,
  nowMs: number,
): Promise<SpokenChange> {
  const oldId = before?.spokenTermsId;
  const wanted = words ?? (oldId === undefined ? recordedWords(current) : undefined);
  const unchanged = { termsId: oldId, writes: [], newTerms: () => [], oldTerms: [] };
  if (wanted === undefined || (wanted.length === 0 && oldId === undefined)) return unchanged;

  const oldWords = oldId === undefined ? [] : await findSpokenWords(table, current);
  if (oldId !== undefined && isDeepStrictEqual(oldWords, wanted)) return unchanged;
  const oldTerms =
    before === null || oldId === undefined ? [] : spokenTermKeys(current, before.arrival, oldId, oldWords);
  if (wanted.length === 0) {
    const key = spokenKey(current.tenantId, current.filename);
    return { termsId: undefined, writes: [{ kind: 'delete', key }], newTerms: () => [], oldTerms };
  }
  const termsId = newTermsId(nowMs);
  return {
    termsId,
    writes: [{ kind: 'put', item: spokenItem(current, termsId, wanted) }],
    newTerms: (arrival) => spokenTermKeys(current, arrival, termsId, wanted),
    oldTerms,
  };
}
