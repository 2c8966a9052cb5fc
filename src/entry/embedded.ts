import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { createArgon2Hasher } from '../adapters/argon2/argon2-hasher.ts';
import { openMediaTool } from '../adapters/ffmpeg/open-media-tool.ts';
import { makeDirectory } from '../adapters/files/durable-file.ts';
import { openTemporaryDirectory } from '../adapters/files/temporary-directory.ts';
import { openDatabase, type Database } from '../adapters/sqlite/database.ts';
import { openSqliteApiKeyStore } from '../adapters/sqlite/sqlite-api-key-store.ts';
import { openSqliteAudioFileStore } from '../adapters/sqlite/sqlite-audio-file-store.ts';
import { openSqliteIdempotencyStore } from '../adapters/sqlite/sqlite-idempotency-store.ts';
import { openSqlitePlaybackLinkStore } from '../adapters/sqlite/sqlite-playback-link-store.ts';
import { openSqlitePositionStore } from '../adapters/sqlite/sqlite-position-store.ts';
import { openSqliteRequestQueue } from '../adapters/sqlite/sqlite-request-queue.ts';
import { openSqliteRetiredObjectStore } from '../adapters/sqlite/sqlite-retired-object-store.ts';
import { openSqliteSessionStore } from '../adapters/sqlite/sqlite-session-store.ts';
import { openSqliteSettingStore } from '../adapters/sqlite/sqlite-setting-store.ts';
import { openSqliteUserStore } from '../adapters/sqlite/sqlite-user-store.ts';
import { createTagReader } from '../adapters/tags/tag-reader.ts';
import { createPieceCache } from '../audio/piece-cache.ts';
import { AppError } from '../domain/app-error.ts';
import { isAppError } from '../domain/app-error.ts';
import type { Log } from '../domain/log.ts';
import type { MediaTool } from '../domain/media-tool.ts';
import type { Policy, Ports } from '../services/ports.ts';
import { createRecentQueues } from '../services/recent-queues.ts';
import { ConfigError, type Config } from './config.ts';
import { openObjectStorage } from './object-storage.ts';
import { openStreamStorage } from './stream-storage.ts';

const PIECE_BYTES = 256 * 1024;

/** One machine: SQLite, files or a bucket, workers inside. */
export interface EmbeddedHome {
  readonly ports: Ports;
  /** Who starts workers in this process puts their `wake` here. */
  onWake(wake: () => void): void;
  close(): Promise<void>;
}

/**
 * Opens, and on a fresh machine makes, all that the data lives in.
 * @throws storage_unavailable when the database, the audio directory or the bucket cannot be used
 */
export async function openEmbeddedHome(config: Config, log: Log): Promise<EmbeddedHome> {
  const clock = Date.now;
  const newId = () => randomBytes(16).toString('base64url');
  await makeDirectory(dirname(config.databasePath)).catch((cause: unknown) => {
    throw new AppError('storage_unavailable', 'The directory of the database cannot be made.', { cause });
  });
  const db = openDatabase(config.databasePath);
  try {
    const temporary = await openTemporaryDirectory({ parent: config.tempDir, clock });
    const settings = openSqliteSettingStore(db);
    const storage = await openObjectStorage(config, temporary.path, clock, log);
    const { objects, presence, folder } = storage;
    const { streams, state } = await openStreamStorage(config, db, log);
    let wake = () => {};
    const ports: Ports = {
      clock,
      newId,
      random: Math.random,
      log,
      policy: policyOf(config, temporary.path),
      secret: Buffer.from(config.jwtSecret ?? (await settings.ensure('signing_secret', newSecret()))),
      settings,
      objects,
      pieces: createPieceCache(objects, { maxBytes: config.cacheBytes, pieceBytes: PIECE_BYTES }),
      presence,
      recentQueues: createRecentQueues(),
      folder,
      streams,
      streamStorage: state,
      ...openRecords(db, clock, newId),
      hasher: createArgon2Hasher(),
      wakeWorkers: () => wake(),
      mediaTool: await openConfiguredMediaTool(config, temporary.path, log),
      tagReader: createTagReader(),
    };
    return {
      ports,
      onWake: (listener) => (wake = listener),
      close: async () => {
        await temporary.close();
        storage.close();
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

async function openConfiguredMediaTool(config: Config, tempDir: string, log: Log): Promise<MediaTool> {
  const { ffmpegPath, searchPath, maxAudioHours } = config;
  try {
    return await openMediaTool({ ffmpegPath, searchPath, tempDir, maxAudioHours, log });
  } catch (error) {
    if (!isAppError(error, 'tool_unavailable')) throw error;
    throw new ConfigError(`The configuration cannot be used:\n  FFMPEG_PATH: ${error.message}`);
  }
}

function openRecords(db: Database, clock: () => number, newId: () => string) {
  return {
    audioFiles: openSqliteAudioFileStore(db),
    users: openSqliteUserStore(db),
    sessions: openSqliteSessionStore(db, clock),
    apiKeys: openSqliteApiKeyStore(db, clock),
    links: openSqlitePlaybackLinkStore(db, clock),
    positions: openSqlitePositionStore(db),
    idempotency: openSqliteIdempotencyStore(db, clock),
    retired: openSqliteRetiredObjectStore(db),
    queue: openSqliteRequestQueue(db, { clock, newId }),
  };
}

function policyOf(config: Config, tempDir: string): Policy {
  return {
    auth: config.auth,
    playback: config.playback,
    maxUploadBytes: config.maxUploadBytes,
    maxAudioHours: config.maxAudioHours,
    loudnessTargetLufs: config.loudnessTargetLufs,
    sessionTtlMs: config.sessionTtlMs,
    tempDir,
    utcOffsetMinutes: (atMs) => -new Date(atMs).getTimezoneOffset(),
  };
}

const newSecret = () => randomBytes(32).toString('base64url');
