import { existsSync } from 'node:fs';
import { createMemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { createMemoryStreamStore } from '../adapters/memory/memory-stream-store.ts';
import { openSqlitePortableRecords } from '../adapters/sqlite/sqlite-portable-records.ts';
import type { Log } from '../domain/log.ts';
import type { PortableRecords } from '../domain/portable-record.ts';
import type { Ports } from '../services/ports.ts';
import type { Config } from './config.ts';
import { openEmbeddedHome, type EmbeddedHome } from './embedded.ts';
import { openRecordStorage } from './record-storage.ts';
import { openSqlite } from './sqlite-storage.ts';
import { openStreamStorage } from './stream-storage.ts';

type TargetPorts = Pick<
  Ports,
  | 'users'
  | 'audioFiles'
  | 'settings'
  | 'streams'
  | 'links'
  | 'positions'
  | 'objects'
  | 'retired'
  | 'random'
  | 'clock'
>;

/** The home that the configuration names, to be filled from elsewhere. */
export interface MigrationTarget extends AsyncDisposable {
  readonly records: PortableRecords;
  readonly ports: TargetPorts;
  /** null for a dry run, which makes nothing: no directory, no signing secret. What is not there is empty then. */
  readonly home: EmbeddedHome | null;
}

/** @throws storage_unavailable as a start of the server would */
export async function openMigrationTarget(
  config: Config,
  log: Log,
  isDryRun: boolean,
): Promise<MigrationTarget> {
  await using opened = new AsyncDisposableStack();
  const isThere = !isDryRun || config.dynamoTables !== null || existsSync(config.databasePath);
  const found = { ...config, databasePath: isThere ? config.databasePath : ':memory:' };
  const home = isDryRun ? null : await openEmbeddedHome(config, log);
  if (home !== null) opened.defer(() => home.close());
  const ports = home?.ports ?? (await openReadPorts(found, log, opened));
  const portable = await openPortable(found);
  opened.defer(() => portable.close());
  const all = opened.move();
  return { records: portable.records, ports, home, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function openReadPorts(config: Config, log: Log, opened: AsyncDisposableStack): Promise<TargetPorts> {
  const clock = Date.now;
  const storage = await openRecordStorage(config, { clock, newId: () => 'unused', log });
  opened.defer(() => storage.close());
  const { streamStorage, streamStorageDir } = config;
  const isMade = streamStorage !== 'file' || existsSync(streamStorageDir.path);
  const ports = { ...storage.records, objects: createMemoryObjectStore(), clock, random: Math.random };
  if (!isMade) return { ...ports, streams: createMemoryStreamStore(clock) };
  const definitions = await openStreamStorage(config, storage, log);
  opened.defer(() => definitions.close());
  return { ...ports, streams: definitions.streams };
}

async function openPortable(
  config: Config,
): Promise<{ readonly records: PortableRecords; readonly close: () => void }> {
  if (config.dynamoTables === null) {
    const db = await openSqlite(config.databasePath);
    return { records: openSqlitePortableRecords(db, Date.now), close: () => db.close() };
  }
  // Only then: at home, the SDK would take time for nothing.
  const { openDynamoMigrationRecords } = await import('./old-dynamo-records.ts');
  return openDynamoMigrationRecords(config.dynamoTables, Date.now);
}
