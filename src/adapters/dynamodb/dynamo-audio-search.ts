import type { AudioFile } from '../../domain/audio-file.ts';
import { searchLevel } from '../../domain/audio-search.ts';
import { findCandidates } from './dynamo-audio-candidates.ts';
import { bookkeepingOf, fromAudioItem } from './dynamo-audio-item.ts';
import { audioKey } from './dynamo-audio-keys.ts';
import { comparePlaces, filenameOf, MAX_TERM_LENGTH, placeOf, type TermHit } from './dynamo-audio-terms.ts';
import type { DynamoTable } from './dynamo-table.ts';

interface Verified {
  readonly file: AudioFile;
  readonly level: number;
  readonly place: string;
  /** The terms said the same. */
  readonly isAsProposed: boolean;
}

/**
 * The best files of a tenant for these words, in their order.
 *
 * Terms only propose: each file is read and must itself say so. Those that do not are terms of a save that is under way,
 * or of one that was lost; where they take the place of others, more are asked for.
 */
export async function searchAudioFiles(
  table: DynamoTable,
  tenantId: string,
  words: readonly string[],
  limit: number,
): Promise<AudioFile[]> {
  const letters = words.map((word) => Array.from(word));
  const beginnings = new Set(letters.map((own) => own.slice(0, MAX_TERM_LENGTH).join('')));
  // Words that are longer than a term are found by what is no level of theirs: all files that begin so are looked at.
  const isExact = letters.every((own) => own.length <= MAX_TERM_LENGTH);
  for (let wanted = isExact ? limit : Infinity; ; wanted *= 2) {
    const { hits, areAll } = await findCandidates(table, tenantId, [...beginnings], wanted);
    const verified = await verify(table, tenantId, words, hits);
    // Unless they are all, only those count that are where the terms have them: others may have a better place.
    const found = areAll ? verified : verified.filter(({ isAsProposed }) => isAsProposed);
    if (areAll || found.length >= limit) return found.slice(0, limit).map(({ file }) => file);
  }
}

/** By the levels that the files have now, and of one level the newest first. */
async function verify(
  table: DynamoTable,
  tenantId: string,
  words: readonly string[],
  hits: readonly TermHit[],
): Promise<Verified[]> {
  // A file that is being saved has two, of its words before and after.
  const proposals = Map.groupBy(hits, filenameOf);
  const keys = [...proposals.keys()].map((filename) => audioKey(tenantId, filename));
  const items = await table.getMany(keys, { consistent: true });
  const verified = items.flatMap((item) => {
    const file = fromAudioItem(item);
    const own = proposals.get(file.filename) ?? [];
    const level = searchLevel(file, words);
    const place = placeOf(file.filename, bookkeepingOf(item)?.arrival ?? 0);
    const isAsProposed = own.some((hit) => hit.level === level && hit.place.startsWith(place));
    return level === null ? [] : [{ file, level, place, isAsProposed }];
  });
  return verified.sort((a, b) => a.level - b.level || comparePlaces(a.place, b.place));
}
