import { isDeepStrictEqual } from 'node:util';
import { AppError } from '../../domain/app-error.ts';
import type { AudioFile, AudioFileStore } from '../../domain/audio-file.ts';
import { withChapterCount } from '../../domain/audio-file.ts';
import { describeMatches, searchedTexts } from '../../domain/audio-search.ts';
import type { Chapter } from '../../domain/chapter.ts';
import type { Clock } from '../../domain/clock.ts';
import { parseSearch } from '../../domain/search-text.ts';
import { chapterItem, chaptersOf } from './dynamo-audio-chapters.ts';
import { bookkeepingOf, foreignAttributes, fromAudioItem, toAudioItem } from './dynamo-audio-item.ts';
import type { AudioBookkeeping } from './dynamo-audio-item.ts';
import {
  audioKey,
  chaptersKey,
  hashPartition,
  lookUpItems,
  objectPartition,
  spokenKey,
} from './dynamo-audio-keys.ts';
import { listAudioFiles } from './dynamo-audio-list.ts';
import { searchAudioFiles } from './dynamo-audio-search.ts';
import { planSpokenChange } from './dynamo-audio-spoken-change.ts';
import { deleteTerms, newTermsId, termKeys, writeTerms } from './dynamo-audio-terms.ts';
import { openAudioVersion } from './dynamo-audio-version.ts';
import { ConditionFailed } from './dynamo-error.ts';
import type { DynamoTable, Item, ItemKey, Write } from './dynamo-table.ts';
import { absent, all, equal, present, type Condition } from './expression.ts';
import { text } from './item-fields.ts';
import { fitsKey, keyOf } from './keys.ts';

export interface DynamoAudioFileStoreOptions {
  /** Tells in which order files came, and which search terms are of writes that were lost. */
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** A delete that meets a save each time gives up. */
const MAX_DELETE_TRIES = 5;
/** A millisecond has this many arrivals in one process. */
const ARRIVALS_A_MS = 1000;

/**
 * A record is one item; what leads to it by other questions is written in the same transaction, and its search terms
 * before it. Records are read consistently: what `version` promises holds of nothing else.
 */
export function openDynamoAudioFileStore(
  table: DynamoTable,
  { clock = Date.now, random = Math.random }: DynamoAudioFileStoreOptions = {},
): AudioFileStore {
  const version = openAudioVersion(table, random);
  let lastArrival = 0;

  function nextArrival(): number {
    lastArrival = Math.max(clock() * ARRIVALS_A_MS, lastArrival + 1);
    return lastArrival;
  }

  const readItem = async (tenantId: string, filename: string): Promise<Item | null> => {
    const key = audioKey(tenantId, filename);
    return fitsKey(key.PK) ? table.get(key, { consistent: true }) : null;
  };

  async function find(tenantId: string, filename: string): Promise<AudioFile | null> {
    const item = await readItem(tenantId, filename);
    return item === null ? null : fromAudioItem(item);
  }

  /** Terms first: a record that can be found always is. They go again when the record is not written. */
  async function writeWithTerms(terms: readonly ItemKey[], write: () => Promise<void>): Promise<void> {
    await writeTerms(table, terms);
    try {
      await write();
    } catch (error) {
      // After any other error the record may have been written nevertheless.
      if (error instanceof ConditionFailed) await deleteTerms(table, terms);
      throw error;
    }
  }

  return {
    version: () => version.read(),

    find,

    async findMany(tenantId, filenames) {
      const keys = filenames.map((filename) => audioKey(tenantId, filename));
      const fitting = keys.filter(({ PK }) => fitsKey(PK));
      return (await table.getMany(fitting, { consistent: true })).map(fromAudioItem);
    },

    async findByOriginalSha256(tenantId, sha256) {
      const partition = hashPartition(tenantId, sha256);
      if (sha256 === '' || !fitsKey(partition)) return null;
      for await (const entry of table.queryAll({ partition, consistent: true, limit: 5 })) {
        const file = await find(tenantId, text(entry, 'filename'));
        // Another one when it was changed after the entry was read.
        if (file?.originalSha256 === sha256 && file.state !== 'failed') return file;
      }
      return null;
    },

    list: (tenantId, query) => listAudioFiles(table, tenantId, query),

    async search(tenantId, query, limit) {
      const words = parseSearch(query);
      if (words.length === 0) return [];
      const files = await searchAudioFiles(table, tenantId, words, limit, clock());
      return files.map((file) => describeMatches(file, words));
    },

    async create(file) {
      const created = withChapterCount({ ...file, revision: 1 }, []);
      const own = { arrival: nextArrival(), termsId: newTermsId(clock()) };
      const writes: Write[] = [
        { kind: 'put', item: toAudioItem(created, own), condition: absent('PK') },
        ...lookUpItems(created).map((item): Write => ({ kind: 'put', item })),
        version.raise(),
      ];
      try {
        await writeWithTerms(termKeys(created, own), () => table.transact(writes));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw new AppError('already_exists', 'There is already a file of this name.', { cause: error });
      }
      return created;
    },

    async save(file, ifRevision, { chapters, transcriptWords } = {}) {
      const { tenantId, filename } = file;
      const item = await readItem(tenantId, filename);
      if (item === null) throw isGone();
      const current = fromAudioItem(item);
      if (current.revision !== ifRevision) throw isAnother();
      const saved = withChapterCount({ ...file, revision: ifRevision + 1 }, chapters ?? current);

      const before = bookkeepingOf(item);
      const keepsTerms = before !== null && hasSameWords(current, saved);
      const spoken = await planSpokenChange(table, current, before, transcriptWords, clock());
      const own = {
        arrival: before?.arrival ?? current.createdAtMs * ARRIVALS_A_MS,
        termsId: keepsTerms ? before.termsId : newTermsId(clock()),
        spokenTermsId: spoken.termsId,
      };
      const writes: Write[] = [
        {
          kind: 'put',
          item: { ...foreignAttributes(item), ...toAudioItem(saved, own) },
          condition: isStill(current, before),
        },
        ...changedLookUps(before === null ? [] : lookUpItems(current), lookUpItems(saved)),
        ...chapterWrites(saved, chapters),
        ...spoken.writes,
        version.raise(),
      ];
      try {
        const terms = [...(keepsTerms ? [] : termKeys(saved, own)), ...spoken.newTerms(own.arrival)];
        await writeWithTerms(terms, () => table.transact(writes));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        throw (await readItem(tenantId, filename)) === null ? isGone() : isAnother();
      }
      const isOver = keepsTerms || before === null ? [] : termKeys(current, before);
      await deleteTerms(table, [...isOver, ...spoken.oldTerms]);
      return saved;
    },

    async findChapters(tenantId, filenames) {
      const keys = filenames.map((filename) => chaptersKey(tenantId, filename));
      const items = await table.getMany(
        keys.filter(({ PK }) => fitsKey(PK)),
        { consistent: true },
      );
      return new Map(items.map((item) => [text(item, 'filename'), chaptersOf(item)]));
    },

    async delete(tenantId, filename) {
      for (let tries = 1; ; tries += 1) {
        const item = await readItem(tenantId, filename);
        if (item === null) return null;
        const current = fromAudioItem(item);
        const before = bookkeepingOf(item);
        const key = audioKey(tenantId, filename);
        const spoken = await planSpokenChange(table, current, before, [], clock());
        const around = [
          chaptersKey(tenantId, filename),
          spokenKey(tenantId, filename),
          ...lookUpItems(current).map(keyOf),
        ];
        try {
          await table.transact([
            { kind: 'delete', key, condition: isStill(current, before) },
            ...around.map((one): Write => ({ kind: 'delete', key: one })),
            version.raise(),
          ]);
        } catch (error) {
          if (!(error instanceof ConditionFailed)) throw error;
          if (tries < MAX_DELETE_TRIES) continue;
          throw isAnother();
        }
        const isOver = before === null ? [] : termKeys(current, before);
        await deleteTerms(table, [...isOver, ...spoken.oldTerms]);
        return current;
      }
    },

    async isObjectReferenced(key) {
      const partition = objectPartition(key);
      if (!fitsKey(partition)) return false;
      const { items } = await table.query({ partition, consistent: true, limit: 1 });
      return items.length > 0;
    },
  };
}

const isGone = (): AppError => new AppError('not_found', 'There is no file of this name.');
const isAnother = (): AppError => new AppError('conflict', 'The file was changed in the meantime.');

/** The very record that was read: a revision alone would also be that of a file which took its place. */
function isStill({ revision }: AudioFile, before: AudioBookkeeping | null): Condition {
  if (before !== null) return all(equal('revision', revision), equal('terms_id', before.termsId));
  return all(present('PK'), absent('revision'), absent('terms_id'));
}

const hasSameWords = (a: AudioFile, b: AudioFile): boolean =>
  isDeepStrictEqual(searchedTexts(a), searchedTexts(b));

function changedLookUps(before: readonly Item[], after: readonly Item[]): Write[] {
  const isIn = (items: readonly Item[], item: Item) =>
    items.some(({ PK, SK }) => PK === item['PK'] && SK === item['SK']);
  const gone = before.filter((item) => !isIn(after, item));
  const changed = after.filter((item) => !before.some((one) => isDeepStrictEqual(one, item)));
  return [
    ...gone.map((item): Write => ({ kind: 'delete', key: keyOf(item) })),
    ...changed.map((item): Write => ({ kind: 'put', item })),
  ];
}

function chapterWrites({ tenantId, filename }: AudioFile, chapters: readonly Chapter[] | undefined): Write[] {
  if (chapters === undefined) return [];
  if (chapters.length === 0) return [{ kind: 'delete', key: chaptersKey(tenantId, filename) }];
  return [{ kind: 'put', item: chapterItem(tenantId, filename, chapters) }];
}
