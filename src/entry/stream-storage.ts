import { createMemoryStreamStore } from '../adapters/memory/memory-stream-store.ts';
import { openFileStreamStore } from '../adapters/files/file-stream-store.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { StreamStore } from '../domain/stream.ts';
import type { StreamStorageState } from '../services/ports.ts';
import type { Config } from './config.ts';
import { unusable } from './config-error.ts';
import type { RecordStorage } from './records.ts';

const WHY = {
  local: 'the default',
  Lambda: 'on Lambda only /tmp can be written',
  named: 'named by STREAM_STORAGE_DIR',
} as const;

const SAID = {
  memory: 'stream definitions live in memory, as STREAM_STORAGE asks; they end with the process',
  sqlite: 'stream definitions live in the database: ready',
  dynamodb: 'stream definitions live in the DynamoDB table: ready',
  s3: 'stream definitions live in the S3 bucket: ready',
} as const;

export interface StreamStorage {
  readonly streams: StreamStore;
  readonly state: StreamStorageState;
  close(): void;
}

type StreamConfig = Pick<Config, 'streamStorage' | 'streamStorageDir' | 'databasePath' | 'audioBucket'>;

/**
 * Opens what STREAM_STORAGE asks for. A directory that cannot be made or written is the one thing that Earshot goes
 * on without: stream definitions then live in memory until the process ends, and it says so here, once, and in
 * `storage` of the API and of `/ready` for as long as it lasts.
 */
export async function openStreamStorage(
  config: StreamConfig,
  records: Pick<RecordStorage, 'kind' | 'openStreams'>,
  log: Log,
): Promise<StreamStorage> {
  const clock = Date.now;
  const kind = config.streamStorage;
  if (kind === 'file') return openFiles(config.streamStorageDir, clock, log);
  log.info({ storage: kind }, SAID[kind]);
  const state = { kind, persistent: kind !== 'memory' };
  if (kind === 'memory') return { streams: createMemoryStreamStore(clock), state, close: () => undefined };
  if (kind === 's3') {
    if (config.audioBucket === null) throw unusable('STREAM_STORAGE', 's3 needs S3_AUDIO_BUCKET');
    const { openBucketStreams } = await import('./bucket-storage.ts');
    return { ...(await openBucketStreams(config.audioBucket, clock, log)), state };
  }
  if (records.kind === kind) return { streams: records.openStreams(), state, close: () => undefined };
  if (kind === 'dynamodb') throw unusable('STREAM_STORAGE', 'dynamodb needs DYNAMODB_TABLE');
  const { openSqliteStreams } = await import('./sqlite-storage.ts');
  return { ...(await openSqliteStreams(config.databasePath, clock)), state };
}

async function openFiles(
  { path, why }: Config['streamStorageDir'],
  clock: Clock,
  log: Log,
): Promise<StreamStorage> {
  const close = () => undefined;
  log.info(
    { storage: 'file', directory: path, environment: why },
    `stream definitions live in ${path} (${WHY[why]})`,
  );
  try {
    const streams = await openFileStreamStore({ dir: path, clock, log });
    log.info({ storage: 'file', directory: path }, 'the directory of stream definitions is ready');
    return { streams, state: { kind: 'file', persistent: true }, close };
  } catch (error) {
    const reason = systemReason(error);
    log.warn(
      { storage: 'memory', directory: path, reason },
      `the directory of stream definitions cannot be used (${reason}): they live in memory and end with the process`,
    );
    const detail = `The directory of stream definitions cannot be used (${reason}); streams end with the server.`;
    const state = { kind: 'memory' as const, persistent: false, detail };
    return { streams: createMemoryStreamStore(clock), state, close };
  }
}

/** `EACCES`, `EROFS`: the system's own word, from the error or from what caused it. @throws what is no system error */
function systemReason(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string' && /^E[A-Z0-9]+$/.test(cause.code))
      return cause.code;
  }
  throw error;
}
