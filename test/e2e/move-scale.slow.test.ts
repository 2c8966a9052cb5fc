import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTarWriter } from '../../src/adapters/archive/tar-writer.ts';
import { openDynamoPortableRecords } from '../../src/adapters/dynamodb/dynamo-portable-records.ts';
import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { openDatabase, type Database } from '../../src/adapters/sqlite/database.ts';
import { openSqlitePortableRecords } from '../../src/adapters/sqlite/sqlite-portable-records.ts';
import type { PortableRecords } from '../../src/domain/portable-record.ts';
import { openBackupFile } from '../../src/entry/backup-file.ts';
import { backUp } from '../../src/services/back-up.ts';
import { copyHome } from '../../src/services/copy-home.ts';
import { hashKept, readKept } from '../../src/services/kept-objects.ts';
import type { PortableHome, PortableSource } from '../../src/services/portable-home.ts';
import { ProblemList } from '../../src/services/problem-list.ts';
import { portableFile } from '../portable-samples.ts';
import { dynamoDbKind, makeDynamoClient, makeTestTable } from '../servers/dynamodb-client.ts';
import { makeDataDirectory } from './program.ts';

const MANY = 100_000;
const TABLE_FILES = 1500;
/** Above what it was before: a batch of records is some hundred KB, whatever their number. */
const MAX_GROWTH_BYTES = 96 * 1024 * 1024;

const clock = Date.now;
const tell = () => undefined;

describe('a library of 100,000 files', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  const databases: Database[] = [];

  const openRecords = (name: string): PortableRecords => {
    const db = openDatabase(join(data.path, name));
    databases.push(db);
    return openSqlitePortableRecords(db, clock);
  };

  const objects = createMemoryObjectStore();
  const sourceOf = (records: PortableRecords): PortableSource => ({
    records,
    readObjects: () => readKept(objects),
    listHashes: () => hashKept(objects),
  });
  const homeOf = (records: PortableRecords): PortableHome => ({
    records,
    objects,
    folder: null,
    queue: { countOpen: async () => 0 },
  });

  async function fill(records: PortableRecords, files: number): Promise<void> {
    for (let at = 0; at < files; at += 100) {
      const batch = Array.from({ length: 100 }, (_, place) =>
        portableFile(`story-${at + place}.mp3`, at + place + 1, { title: `Story ${at + place} of the sea` }),
      );
      await records.save(batch);
    }
  }

  /** @returns by how much the heap was larger at its largest than before */
  async function measure(work: () => Promise<void>): Promise<number> {
    const before = process.memoryUsage().heapUsed;
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().heapUsed)), 50);
    await work();
    clearInterval(timer);
    return most - before;
  }

  beforeAll(async () => {
    data = await makeDataDirectory();
    await fill(openRecords('from.db'), MANY);
  }, 300_000);

  afterAll(async () => {
    for (const db of databases) db.close();
    await data.remove();
  });

  it('is moved in bounded memory', async () => {
    const grown = await measure(async () => {
      const options = { overwrite: false, dryRun: false, clock, tell };
      const outcome = await copyHome(sourceOf(openRecords('from.db')), homeOf(openRecords('to.db')), options);
      expect(outcome.verified?.records.get('audio_file')).toBe(MANY);
      expect(outcome.problems.count).toBe(0);
    });
    expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it('is backed up and checked in bounded memory', async () => {
    const path = join(data.path, 'all.tar');
    const grown = await measure(async () => {
      const handle = await open(path, 'w');
      const options = { clock, program: 'test', tell, notes: new ProblemList() };
      const totals = await backUp(sourceOf(openRecords('from.db')), openTarWriter(handle), options);
      await handle.close();
      expect(totals.records).toBe(MANY);
      await using backup = await openBackupFile(path, join(data.path, 'tmp'), clock, tell);
      expect(backup.totals.records).toBe(MANY);
    });
    expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it.skipIf(dynamoDbKind === 'dynalite')('goes into a table by thousands, in bounded memory', async () => {
    const { table, close } = await makeTestTable();
    const client = makeDynamoClient();
    const from = openRecords('some.db');
    await fill(from, TABLE_FILES);
    const grown = await measure(async () => {
      const to = openDynamoPortableRecords(client, table.name, clock);
      const options = { overwrite: false, dryRun: false, clock, tell };
      const outcome = await copyHome(sourceOf(from), homeOf(to), options);
      expect(outcome.verified?.records.get('audio_file')).toBe(TABLE_FILES);
    });
    expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
    await close();
    client.destroy();
  });
});
