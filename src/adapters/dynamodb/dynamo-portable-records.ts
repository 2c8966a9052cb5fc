import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import {
  MAX_PORTABLE_BATCH,
  type Comparison,
  type PortableKind,
  type PortableRecord,
  type PortableRecords,
  type PortableValues,
} from '../../domain/portable-record.ts';
import { ConditionFailed } from './dynamo-error.ts';
import { openPortableAudioFiles } from './dynamo-portable-audio-files.ts';
import { toRecord, type FoundItems, type PortableItems } from './dynamo-portable-items.ts';
import { kindOfItem, scanRecordItems } from './dynamo-portable-scan.ts';
import { openPortableStores } from './dynamo-portable-stores.ts';
import { openPortableUsers } from './dynamo-portable-users.ts';
import { openDynamoTable, type Item, type ItemKey } from './dynamo-table.ts';
import { isAlive } from './expiry.ts';
import { text } from './item-fields.ts';
import { chunksOf } from './repetition.ts';

type Kind = Exclude<PortableKind, 'stream'>;

/** A record, and how its kind lies in the table. */
interface Bound {
  readonly keys: readonly ItemKey[];
  compare(found: FoundItems): Comparison;
  remove(found: FoundItems): Promise<void>;
}

const WRITES_AT_ONCE = 16;

/** Records of a table that nobody else writes meanwhile: a record that is written by two at once is a conflict. */
export function openDynamoPortableRecords(
  client: DynamoDBClient,
  tableName: string,
  clock: Clock,
): PortableRecords {
  const table = openDynamoTable(client, tableName);
  const users = openPortableUsers(table);
  const audioFiles = openPortableAudioFiles(table, clock);
  const stores = openPortableStores(table, clock);

  const bind = <Kept extends Kind>(items: PortableItems<Kept>, value: PortableValues[Kept]): Bound => ({
    keys: items.lookUps(value),
    compare: (found) => items.compare(value, found),
    remove: (found) => items.remove(value, found),
  });

  function bindRecord(record: PortableRecord): Bound {
    switch (record.kind) {
      case 'user':
        return bind(users, record.value);
      case 'audio_file':
        return bind(audioFiles, record.value);
      case 'session':
        return bind(stores.session, record.value);
      case 'api_key':
        return bind(stores.api_key, record.value);
      case 'playback_link':
        return bind(stores.playback_link, record.value);
      case 'position':
        return bind(stores.position, record.value);
      case 'setting':
        return bind(stores.setting, record.value);
      case 'retired_object':
        return bind(stores.retired_object, record.value);
      case 'stream':
        throw ofAnotherStore();
    }
  }

  async function lookFor(bound: readonly Bound[]): Promise<FoundItems> {
    const items = await table.getMany(
      bound.flatMap(({ keys }) => keys),
      { consistent: true },
    );
    const byKey = new Map(items.map((item) => [`${text(item, 'PK')}\n${text(item, 'SK')}`, item]));
    return ({ PK, SK }) => byKey.get(`${PK}\n${SK}`);
  }

  /** All but users and audio files, which are written several at once. */
  async function createOne(record: PortableRecord): Promise<void> {
    switch (record.kind) {
      case 'session':
        return stores.session.create(record.value);
      case 'api_key':
        return stores.api_key.create(record.value);
      case 'playback_link':
        return stores.playback_link.create(record.value);
      case 'position':
        return stores.position.create(record.value);
      case 'setting':
        return stores.setting.create(record.value);
      case 'retired_object':
        return stores.retired_object.create(record.value);
      case 'user':
      case 'audio_file':
        return;
      case 'stream':
        throw ofAnotherStore();
    }
  }

  async function createAll(records: readonly PortableRecord[]): Promise<void> {
    try {
      await users.create(records.flatMap((record) => (record.kind === 'user' ? [record.value] : [])));
      await audioFiles.create(
        records.flatMap((record) => (record.kind === 'audio_file' ? [record.value] : [])),
      );
      await mapBounded(records, WRITES_AT_ONCE, createOne);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      throw new AppError('conflict', 'Two records have one key, or somebody else writes to this table.', {
        cause: error,
      });
    }
  }

  async function readRecords(kind: Kind, items: readonly Item[]): Promise<PortableRecord[]> {
    switch (kind) {
      case 'user': {
        const read = await mapBounded(items, WRITES_AT_ONCE, (item) => users.read(item));
        return read.flatMap((value) => (value === null ? [] : [toRecord(kind, value)]));
      }
      case 'audio_file':
        return (await audioFiles.read(items)).map((value) => toRecord(kind, value));
      case 'api_key':
      case 'playback_link':
        return items
          .filter((item) => isAlive(item, clock))
          .map((item) => toRecord(kind, stores[kind].read(item)));
      case 'session':
      case 'position':
      case 'setting':
      case 'retired_object':
        return items.map((item) => toRecord(kind, stores[kind].read(item)));
    }
  }

  return {
    async *readAll(signal) {
      for await (const items of scanRecordItems(client, tableName, signal)) {
        for (const [kind, ofKind] of Map.groupBy(items, kindOfItem)) {
          if (kind === null) continue;
          for (const some of chunksOf(ofKind, MAX_PORTABLE_BATCH)) {
            const records = await readRecords(kind, some);
            if (records.length > 0) yield records;
          }
        }
      }
    },

    async compare(records) {
      const bound = records.map(bindRecord);
      const found = await lookFor(bound);
      return bound.map((one) => one.compare(found));
    },

    async save(records, { overwrite = false } = {}) {
      const bound = records.map(bindRecord);
      const found = await lookFor(bound);
      const comparisons = bound.map((one) => one.compare(found));
      if (overwrite) {
        // One by one: two of them may have a tenant, or even a user, in common.
        for (const [place, one] of bound.entries()) {
          if (comparisons[place] === 'different') await one.remove(found);
        }
      }
      await createAll(
        records.filter((_, place) => {
          const comparison = comparisons[place];
          return comparison === 'absent' || (overwrite && comparison === 'different');
        }),
      );
      return comparisons;
    },
  };
}

const ofAnotherStore = (): AppError =>
  new AppError('internal', 'Streams are read and written through their own store.');
