import type { Clock } from '../../domain/clock.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import type { PortableAudioFile } from '../../domain/portable-record.ts';
import { chapterItem, chaptersOf } from './dynamo-audio-chapters.ts';
import { openDynamoAudioFileStore } from './dynamo-audio-file-store.ts';
import { bookkeepingOf, foreignAttributes, fromAudioItem, toAudioItem } from './dynamo-audio-item.ts';
import { audioKey, chaptersKey, lookUpItems } from './dynamo-audio-keys.ts';
import { newTermsId, termKeys, writeTerms } from './dynamo-audio-terms.ts';
import { openAudioVersion } from './dynamo-audio-version.ts';
import { carriedFrom, compareWith, type PortableItems } from './dynamo-portable-items.ts';
import type { DynamoTable, Item, Write } from './dynamo-table.ts';
import { absent } from './expression.ts';
import { text } from './item-fields.ts';
import { chunksOf } from './repetition.ts';

/** One is for the version. */
const WRITES_A_TRANSACTION = 99;
/** A transaction holds 4 MB as DynamoDB counts, which is less than JSON for all that is stored here. */
const BYTES_A_TRANSACTION = 3_000_000;
const TRANSACTIONS_AT_ONCE = 4;
const TERMS_AT_ONCE = 8;
const TERMS_A_CHUNK = 250;
/** Milliseconds in the order of arrival, as the store has it for what an older program wrote. */
const ARRIVALS_A_MS = 1000;

export interface PortableAudioFiles extends PortableItems<'audio_file'> {
  /** Each whole, with its terms before it. Throws ConditionFailed where a name is taken. */
  create(files: readonly PortableAudioFile[]): Promise<void>;
  /** With their chapters. */
  read(items: readonly Item[]): Promise<PortableAudioFile[]>;
}

export function openPortableAudioFiles(table: DynamoTable, clock: Clock): PortableAudioFiles {
  const store = openDynamoAudioFileStore(table, { clock });
  const version = openAudioVersion(table, Math.random);

  return {
    lookUps: ({ tenantId, filename }) => [audioKey(tenantId, filename), chaptersKey(tenantId, filename)],

    compare(value, found) {
      const { tenantId, filename } = value;
      const chapters = found(chaptersKey(tenantId, filename));
      return compareWith('audio_file', value, [audioKey(tenantId, filename)], found, (item) =>
        toPortable(item, chapters),
      );
    },

    async remove({ tenantId, filename }) {
      await store.delete(tenantId, filename);
    },

    async create(files) {
      const owned = files.map((file) => ({
        file,
        own: { arrival: file.arrival, termsId: newTermsId(clock()) },
      }));
      const terms = owned.flatMap(({ file, own }) => termKeys(file, own));
      await mapBounded(chunksOf(terms, TERMS_A_CHUNK), TERMS_AT_ONCE, (some) => writeTerms(table, some));
      const groups = owned.map(({ file, own }): Write[] => {
        const { tenantId, filename, carried, chapters, arrival: _, ...record } = file;
        const item = { ...carried, ...toAudioItem({ tenantId, filename, ...record }, own) };
        const chapterItems = chapters.length === 0 ? [] : [chapterItem(tenantId, filename, chapters)];
        const leading = [...lookUpItems(file), ...chapterItems];
        return [
          { kind: 'put', item, condition: absent('PK') },
          ...leading.map((one): Write => ({ kind: 'put', item: one })),
        ];
      });
      await mapBounded(packed(groups), TRANSACTIONS_AT_ONCE, (writes) =>
        table.transact([...writes, version.raise()]),
      );
    },

    async read(items) {
      const records = items.map(fromAudioItem);
      const keys = records
        .filter(({ chapterCount = 0 }) => chapterCount > 0)
        .map(({ tenantId, filename }) => chaptersKey(tenantId, filename));
      const chapters = await table.getMany(keys, { consistent: true });
      const byKey = new Map(chapters.map((item) => [text(item, 'PK'), item]));
      return items.map((item) => toPortable(item, byKey.get(text(item, 'PK'))));
    },
  };
}

function toPortable(item: Item, chapters: Item | undefined): PortableAudioFile {
  const file = fromAudioItem(item);
  return {
    ...file,
    ...carriedFrom(foreignAttributes(item)),
    chapters: chapters === undefined ? [] : chaptersOf(chapters),
    arrival: bookkeepingOf(item)?.arrival ?? file.createdAtMs * ARRIVALS_A_MS,
  };
}

/** As many of the groups in each transaction as it holds; none is parted. */
function packed(groups: readonly Write[][]): Write[][] {
  const transactions: Write[][] = [];
  let bytes = Infinity;
  for (const group of groups) {
    const size = Buffer.byteLength(JSON.stringify(group));
    const last = transactions.at(-1);
    if (
      last === undefined ||
      bytes + size > BYTES_A_TRANSACTION ||
      last.length + group.length > WRITES_A_TRANSACTION
    ) {
      transactions.push([...group]);
      bytes = size;
    } else {
      last.push(...group);
      bytes += size;
    }
  }
  return transactions;
}
