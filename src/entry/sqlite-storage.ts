import { dirname } from 'node:path';
import { makeDirectory } from '../adapters/files/durable-file.ts';
import { openDatabase, type Database } from '../adapters/sqlite/database.ts';
import { openSqliteApiKeyStore } from '../adapters/sqlite/sqlite-api-key-store.ts';
import { openSqliteAudioFileStore } from '../adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqliteConnectionStore } from '../adapters/sqlite/sqlite-connection-store.ts';
import { openSqliteIdempotencyStore } from '../adapters/sqlite/sqlite-idempotency-store.ts';
import { openSqlitePlaybackLinkStore } from '../adapters/sqlite/sqlite-playback-link-store.ts';
import { openSqlitePositionStore } from '../adapters/sqlite/sqlite-position-store.ts';
import { openSqliteRequestQueue } from '../adapters/sqlite/sqlite-request-queue.ts';
import { openSqliteRetiredObjectStore } from '../adapters/sqlite/sqlite-retired-object-store.ts';
import { openSqliteSessionStore } from '../adapters/sqlite/sqlite-session-store.ts';
import { openSqliteSettingStore } from '../adapters/sqlite/sqlite-setting-store.ts';
import { openSqliteStreamStore } from '../adapters/sqlite/sqlite-stream-store.ts';
import { openSqliteSubscriptionStore } from '../adapters/sqlite/sqlite-subscription-store.ts';
import { openSqliteUserStore } from '../adapters/sqlite/sqlite-user-store.ts';
import { AppError } from '../domain/app-error.ts';
import type { Clock } from '../domain/clock.ts';
import type { Records, RecordStorage, RecordStorageOptions } from './records.ts';

/** The SQLite file, made where there is none. @throws storage_unavailable */
export async function openSqliteStorage(path: string, options: RecordStorageOptions): Promise<RecordStorage> {
  const { clock } = options;
  const db = await openSqlite(path);
  try {
    return {
      kind: 'sqlite',
      records: recordsIn(db, options),
      workStarter: null,
      openStreams: () => openSqliteStreamStore(db, clock),
      close: () => db.close(),
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Stream definitions beside records that live elsewhere. @throws storage_unavailable */
export async function openSqliteStreams(path: string, clock: Clock) {
  const db = await openSqlite(path);
  return { streams: openSqliteStreamStore(db, clock), close: () => db.close() };
}

/** @throws storage_unavailable */
export async function openSqlite(path: string): Promise<Database> {
  await makeDirectory(dirname(path)).catch((cause: unknown) => {
    throw new AppError('storage_unavailable', 'The directory of the database cannot be made.', { cause });
  });
  return openDatabase(path);
}

const recordsIn = (db: Database, { clock, newId }: RecordStorageOptions): Records => ({
  settings: openSqliteSettingStore(db),
  audioFiles: openSqliteAudioFileStore(db),
  users: openSqliteUserStore(db),
  sessions: openSqliteSessionStore(db, clock),
  apiKeys: openSqliteApiKeyStore(db, clock),
  links: openSqlitePlaybackLinkStore(db, clock),
  positions: openSqlitePositionStore(db),
  idempotency: openSqliteIdempotencyStore(db, clock),
  retired: openSqliteRetiredObjectStore(db),
  queue: openSqliteRequestQueue(db, { clock, newId }),
  connections: openSqliteConnectionStore(db, clock),
  subscriptions: openSqliteSubscriptionStore(db, clock),
});
