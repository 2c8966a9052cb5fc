import type { AudioFile } from '../../domain/audio-file.ts';
import { LAST_LEVEL, searchRecord } from '../../domain/audio-search.ts';
import { cutTranscriptWord } from '../../domain/transcript-words.ts';
import { findCandidates } from './dynamo-audio-candidates.ts';
import { bookkeepingOf, fromAudioItem, type AudioBookkeeping } from './dynamo-audio-item.ts';
import { audioKey } from './dynamo-audio-keys.ts';
import { spokenTermKey } from './dynamo-audio-spoken.ts';
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
import type { DynamoTable, Item, ItemKey } from './dynamo-table.ts';
import { keyOf } from './keys.ts';

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
 * Terms only propose: each file is read and must itself say so, or name the term that says so of its transcript. Those that do not are terms of a save that is under way,
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
  // A file that is being saved has two of a word, of before and after; one that says what it is called, two as well.
  const proposals = Map.groupBy(hits, filenameOf);
  const keys = [...proposals.keys()].map((filename) => audioKey(tenantId, filename));
  const items = await table.getMany(keys, { consistent: true });
  const records = items.map((item) => readRecord(item, words));
  const spoken = await findSpoken(table, records, hits);
  const verified = records.flatMap(({ file, own, level, missing }): Verified[] => {
    const place = placeOf(file.filename, own?.arrival ?? 0);
    if (!missing.every((key) => spoken.has(nameOf(key)))) return [];
    const found = missing.length > 0 ? LAST_LEVEL : level;
    const proposed = proposals.get(file.filename) ?? [];
    const isAsProposed = proposed.some((hit) => hit.level === found && hit.place === place);
    return [{ file, level: found, place, isAsProposed }];
  });
  const ownIds = new Map(records.map(({ file, own }) => [file.filename, [own?.termsId, own?.spokenTermsId]]));
  const abandoned = hits.flatMap((hit) => {
    const own = ownIds.get(filenameOf(hit)) ?? [];
    // A younger one may be of a record that is being written; an older one is nobody's any more, and nobody's again.
    return hit.keys.filter((key) => {
      const id = termsIdOf(key);
      return nowMs - (writtenAtMs(id) ?? nowMs) > ABANDONED_AFTER_MS && !own.includes(id);
    });
  });
  return {
    verified: verified.sort((a, b) => a.level - b.level || comparePlaces(a.place, b.place)),
    abandoned,
  };
}

interface ReadRecord {
  readonly file: AudioFile;
  readonly own: AudioBookkeeping | null;
  /** Of the words that it has itself. */
  readonly level: number;
  /** Terms that its transcript must have, of those that it has not. */
  readonly missing: readonly ItemKey[];
}

function readRecord(item: Item, words: readonly string[]): ReadRecord {
  const file = fromAudioItem(item);
  const own = bookkeepingOf(item);
  const { level, missing } = searchRecord(file, words);
  const keys = missing.map((word) =>
    spokenTermKey(file, own?.arrival ?? 0, own?.spokenTermsId ?? NO_ID, cutTranscriptWord(word)),
  );
  return { file, own, level, missing: keys };
}

/** Those that are there of the terms that the transcripts must have: most were found already. */
async function findSpoken(
  table: DynamoTable,
  records: readonly ReadRecord[],
  hits: readonly TermHit[],
): Promise<Set<string>> {
  const found = new Set(hits.flatMap(({ keys }) => keys.map(nameOf)));
  const asked = records
    .filter(({ own }) => own?.spokenTermsId !== undefined)
    .flatMap(({ missing }) => missing.filter((key) => !found.has(nameOf(key))));
  for (const item of await table.getMany(asked, { consistent: true })) found.add(nameOf(keyOf(item)));
  return found;
}

/** No terms have it. */
const NO_ID = 'none';

const nameOf = ({ PK, SK }: ItemKey): string => `${PK}\n${SK}`;
