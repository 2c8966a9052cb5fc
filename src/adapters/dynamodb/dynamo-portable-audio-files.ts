import type { Clock } from '../../domain/clock.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import { recordedWords } from '../../domain/old-transcript.ts';
import type { PortableAudioFile } from '../../domain/portable-record.ts';
import { chapterItem, chaptersOf } from './dynamo-audio-chapters.ts';
import { openDynamoAudioFileStore } from './dynamo-audio-file-store.ts';
import { bookkeepingOf, foreignAttributes, fromAudioItem, toAudioItem } from './dynamo-audio-item.ts';
import { audioKey, chaptersKey, lookUpItems, spokenKey } from './dynamo-audio-keys.ts';
import { spokenItem, spokenTermKeys, spokenWordsOf } from './dynamo-audio-spoken.ts';
import { newTermsId, termKeys, writeTerms } from './dynamo-audio-terms.ts';
import { openAudioVersion } from './dynamo-audio-version.ts';
import { carriedFrom, compareWith, type PortableItems } from './dynamo-portable-items.ts';
import type { DynamoTable, Item, ItemKey, Write } from './dynamo-table.ts';
import { absent } from './expression.ts';
import { keyOf } from './keys.ts';

/** One is for the version. */
const WRITES_A_TRANSACTION = 99;
/** A transaction holds 4 MB as DynamoDB counts, which is less than JSON for all that is stored here. */
const BYTES_A_TRANSACTION = 3_000_000;
const TRANSACTIONS_AT_ONCE = 4;
/** Of some files together; one may have tens of thousands. */
const TERMS_AT_ONCE = 20_000;
/** Milliseconds in the order of arrival, as the store has it for what an older program wrote. */
const ARRIVALS_A_MS = 1000;

export interface PortableAudioFiles extends PortableItems<'audio_file'> {
  /** Each whole, with its terms before it. Throws ConditionFailed where a name is taken. */
  create(files: readonly PortableAudioFile[]): Promise<void>;
  /** With their chapters and the words of their transcripts. */
  read(items: readonly Item[]): Promise<PortableAudioFile[]>;
}

export function openPortableAudioFiles(table: DynamoTable, clock: Clock): PortableAudioFiles {
  const store = openDynamoAudioFileStore(table, { clock });
  const version = openAudioVersion(table, Math.random);

  return {
    lookUps: ({ tenantId, filename }) => [
      audioKey(tenantId, filename),
      chaptersKey(tenantId, filename),
      spokenKey(tenantId, filename),
    ],

    compare(value, found) {
      const { tenantId, filename } = value;
      const chapters = found(chaptersKey(tenantId, filename));
      const spoken = found(spokenKey(tenantId, filename));
      return compareWith('audio_file', value, [audioKey(tenantId, filename)], found, (item) =>
        toPortable(item, chapters, spoken),
      );
    },

    async remove({ tenantId, filename }) {
      await store.delete(tenantId, filename);
    },

    async create(files) {
      const owned = files.map((file) => ({
        file,
        own: {
          arrival: file.arrival,
          termsId: newTermsId(clock()),
          spokenTermsId: file.transcriptWords.length === 0 ? undefined : newTermsId(clock()),
        },
      }));
      let terms: ItemKey[] = [];
      for (const [place, { file, own }] of owned.entries()) {
        terms.push(...termKeys(file, own));
        if (own.spokenTermsId !== undefined) {
          const ofSpoken = spokenTermKeys(file, own.arrival, own.spokenTermsId, file.transcriptWords);
          // Not spread: a call takes no hundred thousand arguments.
          terms = terms.concat(ofSpoken);
        }
        if (terms.length < TERMS_AT_ONCE && place < owned.length - 1) continue;
        await writeTerms(table, terms);
        terms = [];
      }
      const groups = owned.map(({ file, own }): Write[] => {
        const { tenantId, filename, carried, chapters, transcriptWords, arrival: _, ...record } = file;
        const item = { ...carried, ...toAudioItem({ tenantId, filename, ...record }, own) };
        const chapterItems = chapters.length === 0 ? [] : [chapterItem(tenantId, filename, chapters)];
        const spokenItems =
          own.spokenTermsId === undefined ? [] : [spokenItem(file, own.spokenTermsId, transcriptWords)];
        const leading = [...lookUpItems(file), ...chapterItems, ...spokenItems];
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
      const keys = records.flatMap(({ tenantId, filename, chapterCount = 0 }, place) => [
        ...(chapterCount > 0 ? [chaptersKey(tenantId, filename)] : []),
        ...(hasSpoken(items[place]) ? [spokenKey(tenantId, filename)] : []),
      ]);
      const beside = await table.getMany(keys, { consistent: true });
      const byKey = new Map(beside.map((item) => [nameOf(keyOf(item)), item]));
      return records.map(({ tenantId, filename }, place) => {
        const item = items[place] ?? {};
        const found = (key: ItemKey): Item | undefined => byKey.get(nameOf(key));
        return toPortable(item, found(chaptersKey(tenantId, filename)), found(spokenKey(tenantId, filename)));
      });
    },
  };
}

const hasSpoken = (item: Item | undefined): boolean =>
  item !== undefined && bookkeepingOf(item)?.spokenTermsId !== undefined;

const nameOf = ({ PK, SK }: ItemKey): string => `${PK}\n${SK}`;

function toPortable(item: Item, chapters: Item | undefined, spoken: Item | undefined): PortableAudioFile {
  const file = fromAudioItem(item);
  const own = bookkeepingOf(item);
  // What an older program wrote was never indexed.
  const unsaved = own === null ? recordedWords(file) : [];
  return {
    ...file,
    ...carriedFrom(foreignAttributes(item)),
    chapters: chapters === undefined ? [] : chaptersOf(chapters),
    transcriptWords: spoken === undefined ? unsaved : spokenWordsOf(spoken),
    arrival: own?.arrival ?? file.createdAtMs * ARRIVALS_A_MS,
  };
}

/** As many of the groups in each transaction as it holds; none is parted. */
function packed(groups: readonly Write[][]): Write[][] {
  const transactions: Write[][] = [];
  let bytes = Infinity;
  for (const group of groups) {
    const size = sizeOf(group);
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

/** As JSON, with bytes as they are. */
function sizeOf(group: readonly Write[]): number {
  let bytes = 0;
  const json = JSON.stringify(group, (_name, value: unknown) => {
    if (!(value instanceof Uint8Array)) return value;
    bytes += value.length;
    return null;
  });
  return bytes + Buffer.byteLength(json);
}
