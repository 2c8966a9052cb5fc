import { existsSync } from 'node:fs';
import { openTemporaryDirectory } from '../adapters/files/temporary-directory.ts';
import { createMemoryObjectStore } from '../adapters/memory/memory-object-store.ts';
import { createMemoryStreamStore } from '../adapters/memory/memory-stream-store.ts';
import { openSqlitePortableRecords } from '../adapters/sqlite/sqlite-portable-records.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import { hashKept, readKept } from '../services/kept-objects.ts';
import type { OpenPortableRecords, PortableHome, PortableSource } from '../services/portable-home.ts';
import { withStreams } from '../services/records-with-streams.ts';
import { ConfigError } from './config-error.ts';
import type { Config } from './config.ts';
import { openObjectStorage } from './object-storage.ts';
import { openRecordStorage } from './record-storage.ts';
import { openSqlite } from './sqlite-storage.ts';
import { openStreamStorage } from './stream-storage.ts';

/** The home that a configuration names, to be copied from or to. */
export interface OpenPortableHome extends AsyncDisposable {
  readonly home: PortableHome;
  readonly source: PortableSource;
  /** Where it is, for a person. */
  readonly place: string;
}

export interface PortableHomeOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** What becomes of a database or a directory that is not there: it is made, or taken for empty; or no database is
   * refused. Tables and buckets must be there either way. */
  readonly whenAbsent: 'made' | 'empty' | 'refused';
}

/**
 * @throws storage_unavailable as a start of the server would; ConfigError where stream definitions live in the memory
 * of the server
 */
export async function openPortableHome(
  config: Config,
  { clock, log, whenAbsent }: PortableHomeOptions,
): Promise<OpenPortableHome> {
  const isAbsent = (path: string): boolean => whenAbsent !== 'made' && !existsSync(path);
  if (whenAbsent === 'refused' && config.dynamoTables === null && isAbsent(config.databasePath)) {
    throw new ConfigError(`There is no database at ${config.databasePath}. Set DATA_DIR or DATABASE_URL.`);
  }
  await using opened = new AsyncDisposableStack();
  const databasePath = isAbsent(config.databasePath) ? ':memory:' : config.databasePath;
  const found = { ...config, databasePath };

  const newId = (): string => 'unused';
  const storage = await openRecordStorage(found, { clock, newId, log });
  opened.defer(() => storage.close());
  const portable = await openPortableRecords(found, clock);
  opened.defer(() => portable.close());
  const temporary = await openTemporaryDirectory({ parent: config.tempDir, clock });
  opened.defer(() => temporary.close());

  const hasNoAudio = config.audioBucket === null && isAbsent(config.audioFilesDir);
  const audio = hasNoAudio
    ? { objects: createMemoryObjectStore(), folder: null, close: () => undefined }
    : await openObjectStorage(config, temporary.path, clock, log);
  opened.defer(() => audio.close());

  const hasNoStreams = config.streamStorage === 'file' && isAbsent(config.streamStorageDir.path);
  const definitions = hasNoStreams
    ? { streams: createMemoryStreamStore(clock), state: { persistent: true }, close: () => undefined }
    : await openStreamStorage(found, storage, log);
  opened.defer(() => definitions.close());
  if (!definitions.state.persistent) {
    throw new ConfigError('Stream definitions live in the memory of the server here: nobody else sees them.');
  }

  const { objects, folder } = audio;
  const records = withStreams(portable.records, definitions.streams);
  const all = opened.move();
  return {
    home: { records, objects, folder, queue: storage.records.queue },
    source: { records, readObjects: () => readKept(objects), listHashes: () => hashKept(objects) },
    place: placeOf(config),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The records of a home by themselves, beside a server that may run on them. @throws storage_unavailable */
export async function openPortableRecords(
  config: Pick<Config, 'dynamoTables' | 'databasePath'>,
  clock: Clock,
): Promise<OpenPortableRecords> {
  if (config.dynamoTables === null) {
    const db = await openSqlite(config.databasePath);
    return { records: openSqlitePortableRecords(db, clock), close: () => db.close() };
  }
  // Only then: at home, the SDK would take a start's time and memory for nothing.
  const { openPortableTables } = await import('./dynamo-portable-tables.ts');
  return openPortableTables(config.dynamoTables, clock);
}

const STREAMS = {
  memory: 'memory',
  sqlite: 'the database',
  dynamodb: 'the table',
  s3: 'the bucket',
} as const;

function placeOf(config: Config): string {
  const { audioBucket, audioFilesDir, databasePath, dynamoTables, streamStorage, streamStorageDir } = config;
  const records = dynamoTables === null ? databasePath : `the DynamoDB table ${dynamoTables.table}`;
  const audio = audioBucket === null ? audioFilesDir : `the S3 bucket ${audioBucket.bucket}`;
  const streams = streamStorage === 'file' ? streamStorageDir.path : STREAMS[streamStorage];
  return `records in ${records}, audio in ${audio}, streams in ${streams}`;
}
