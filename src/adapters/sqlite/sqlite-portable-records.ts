import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import {
  isSameRecord,
  MAX_PORTABLE_BATCH,
  type Comparison,
  type PortableKind,
  type PortableRecord,
  type PortableRecords,
  type PortableValues,
} from '../../domain/portable-record.ts';
import type { Database, Parameters } from './database.ts';
import { openPortableTables } from './sqlite-portable-tables.ts';
import type { PortableTable } from './sqlite-portable-table.ts';

type Kind = Exclude<PortableKind, 'stream'>;

/** What is wanted of one record, in its own table. */
interface Task {
  compare(): Comparison;
  insert(): void;
  replace(): void;
}

/** Each batch is written in one transaction. */
export function openSqlitePortableRecords(db: Database, clock: Clock): PortableRecords {
  const tables = openPortableTables(db, clock);

  function* batchesOf<Kept extends Kind>(table: PortableTable<Kept>): Generator<PortableRecord[]> {
    for (let after: Parameters | null = null; ;) {
      const { values, last } = table.list(after, MAX_PORTABLE_BATCH);
      if (values.length > 0) yield values.map((value) => toRecord(table.kind, value));
      if (last === null) return;
      after = last;
    }
  }

  const taskOn = <Kept extends Kind>(table: PortableTable<Kept>, value: PortableValues[Kept]): Task => ({
    compare() {
      const there = table.find(value);
      if (there === null) return 'absent';
      return isSameRecord(toRecord(table.kind, there), toRecord(table.kind, value)) ? 'same' : 'different';
    },
    insert: () => table.insert(value),
    replace() {
      table.remove(value);
      table.insert(value);
    },
  });

  function taskOf(record: PortableRecord): Task {
    switch (record.kind) {
      case 'setting':
        return taskOn(tables.setting, record.value);
      case 'user':
        return taskOn(tables.user, record.value);
      case 'session':
        return taskOn(tables.session, record.value);
      case 'api_key':
        return taskOn(tables.api_key, record.value);
      case 'audio_file':
        return taskOn(tables.audio_file, record.value);
      case 'playback_link':
        return taskOn(tables.playback_link, record.value);
      case 'position':
        return taskOn(tables.position, record.value);
      case 'retired_object':
        return taskOn(tables.retired_object, record.value);
      case 'stream':
        throw new AppError('internal', 'Streams are read and written through their own store.');
    }
  }

  return {
    async *readAll(signal) {
      for (const batches of [
        batchesOf(tables.setting),
        batchesOf(tables.user),
        batchesOf(tables.session),
        batchesOf(tables.api_key),
        batchesOf(tables.audio_file),
        batchesOf(tables.playback_link),
        batchesOf(tables.position),
        batchesOf(tables.retired_object),
      ]) {
        for (const batch of batches) {
          throwIfAborted(signal);
          yield batch;
        }
      }
    },

    async compare(records) {
      return records.map((record) => taskOf(record).compare());
    },

    async save(records, { overwrite = false } = {}) {
      return db.transaction(() =>
        records.map((record) => {
          const task = taskOf(record);
          const comparison = task.compare();
          if (comparison === 'absent') task.insert();
          if (comparison === 'different' && overwrite) task.replace();
          return comparison;
        }),
      );
    },
  };
}

/** The tables and their values are of one kind each: the compiler cannot see that they meet. */
const toRecord = <Kept extends Kind>(kind: Kept, value: PortableValues[Kept]): PortableRecord =>
  ({ kind, value }) as PortableRecord;
