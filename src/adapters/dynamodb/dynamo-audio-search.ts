import type { AudioFile } from '../../domain/audio-file.ts';
import { searchLevel } from '../../domain/audio-search.ts';
import { findCandidates } from './dynamo-audio-candidates.ts';
import { bookkeepingOf, fromAudioItem } from './dynamo-audio-item.ts';
import { audioKey } from './dynamo-audio-keys.ts';
import {
  comparePlaces,
  deleteTerms,
  filenameOf,
  MAX_TERM_LENGTH,
  placeOf,
  termsIdOf,
  writtenAtMs,
  type TermHit,
} from './dynamo-audio-terms.ts';
import type { DynamoTable, ItemKey } from './dynamo-table.ts';

/** No write of a record, whose terms are written before it, takes as long. */
const ABANDONED_AFTER_MS = 24 * 3_600_000;
/** As many as one request takes. */
const ABANDONED_A_SEARCH = 25;

interface Verified {
  readonly file: AudioFile;
  readonly level: number;
  readonly place: string;
  /** The terms said the same. */
  readonly isAsProposed: boolean;
}

interface Verification {
  /** By the levels that the files have now, and of one level the newest first. */
  readonly verified: readonly Verified[];
  /** Terms of writes that were lost. */
  readonly abandoned: readonly ItemKey[];
}

/**
 * The best files of a tenant for these words, in their order.
 *
 * Terms only propose: each file is read and must itself say so. Those that do not are terms of a save that is under way,
 * or of one that was lost; where they take the place of others, more are asked for. What was lost a day ago is deleted by
 * whoever meets it: nothing else leads to the terms of a record that was never written.
 */
export async function searchAudioFiles(
  table: DynamoTable,
  tenantId: string,
  words: readonly string[],
  limit: number,
  nowMs: number,
): Promise<AudioFile[]> {
  const letters = words.map((word) => Array.from(word));
  const beginnings = new Set(letters.map((own) => own.slice(0, MAX_TERM_LENGTH).join('')));
  // Words that are longer than a term are found by what is no level of theirs: all files that begin so are looked at.
  const isExact = letters.every((own) => own.length <= MAX_TERM_LENGTH);
  for (let wanted = isExact ? limit : Infinity; ; wanted *= 2) {
    const { hits, areAll } = await findCandidates(table, tenantId, [...beginnings], wanted);
    const { verified, abandoned } = await verify(table, tenantId, words, hits, nowMs);
    // Unless they are all, only those count that are where the terms have them: others may have a better place.
    const found = areAll ? verified : verified.filter(({ isAsProposed }) => isAsProposed);
    if (!areAll && found.length < limit) continue;
    if (abandoned.length > 0) await deleteTerms(table, abandoned.slice(0, ABANDONED_A_SEARCH));
    return found.slice(0, limit).map(({ file }) => file);
  }
}

async function verify(
  table: DynamoTable,
  tenantId: string,
  words: readonly string[],
  hits: readonly TermHit[],
  nowMs: number,
): Promise<Verification> {
  // A file that is being saved has two, of its words before and after.
  const proposals = Map.groupBy(hits, filenameOf);
  const keys = [...proposals.keys()].map((filename) => audioKey(tenantId, filename));
  const items = await table.getMany(keys, { consistent: true });
  const ownTerms = new Map<string, string>();
  const verified = items.flatMap((item) => {
    const file = fromAudioItem(item);
    const own = proposals.get(file.filename) ?? [];
    const level = searchLevel(file, words);
    const bookkeeping = bookkeepingOf(item);
    if (bookkeeping !== null) ownTerms.set(file.filename, bookkeeping.termsId);
    const place = placeOf(file.filename, bookkeeping?.arrival ?? 0);
    const isAsProposed = own.some((hit) => hit.level === level && hit.place.startsWith(place));
    return level === null ? [] : [{ file, level, place, isAsProposed }];
  });
  const abandoned = hits.filter((hit) => {
    const termsId = termsIdOf(hit);
    const ageMs = nowMs - (writtenAtMs(termsId) ?? nowMs);
    // A younger one may be of a record that is being written; an older one is nobody's any more, and nobody's again.
    return ageMs > ABANDONED_AFTER_MS && ownTerms.get(filenameOf(hit)) !== termsId;
  });
  return {
    verified: verified.sort((a, b) => a.level - b.level || comparePlaces(a.place, b.place)),
    abandoned: abandoned.flatMap((hit) => hit.keys),
  };
}
