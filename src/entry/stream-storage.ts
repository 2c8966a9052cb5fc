import { createMemoryStreamStore } from '../adapters/memory/memory-stream-store.ts';
import { openFileStreamStore } from '../adapters/files/file-stream-store.ts';
import type { Database } from '../adapters/sqlite/database.ts';
import { openSqliteStreamStore } from '../adapters/sqlite/sqlite-stream-store.ts';
import type { Log } from '../domain/log.ts';
import type { StreamStore } from '../domain/stream.ts';
import type { StreamStorageState } from '../services/ports.ts';
import type { Config } from './config.ts';

const WHY = {
  local: 'the default',
  Lambda: 'on Lambda only /tmp can be written',
  named: 'named by STREAM_STORAGE_DIR',
} as const;

/**
 * Opens what STREAM_STORAGE asks for. A directory that cannot be made or written is the one thing that Earshot goes
 * on without: stream definitions then live in memory until the process ends, and it says so here, once, and in
 * `storage` of the API and of `/ready` for as long as it lasts.
 */
export async function openStreamStorage(
  config: Pick<Config, 'streamStorage' | 'streamStorageDir'>,
  db: Database,
  log: Log,
): Promise<{ streams: StreamStore; state: StreamStorageState }> {
  const clock = Date.now;
  switch (config.streamStorage) {
    case 'memory':
      log.info(
        { storage: 'memory' },
        'stream definitions live in memory, as STREAM_STORAGE asks; they end with the process',
      );
      return { streams: createMemoryStreamStore(clock), state: { kind: 'memory', persistent: false } };
    case 'sqlite':
      log.info({ storage: 'sqlite' }, 'stream definitions live in the database: ready');
      return { streams: openSqliteStreamStore(db, clock), state: { kind: 'sqlite', persistent: true } };
    case 'file': {
      const { path, why } = config.streamStorageDir;
      log.info(
        { storage: 'file', directory: path, environment: why },
        `stream definitions live in ${path} (${WHY[why]})`,
      );
      try {
        const streams = await openFileStreamStore({ dir: path, clock, log });
        log.info({ storage: 'file', directory: path }, 'the directory of stream definitions is ready');
        return { streams, state: { kind: 'file', persistent: true } };
      } catch (error) {
        const reason = systemReason(error);
        log.warn(
          { storage: 'memory', directory: path, reason },
          `the directory of stream definitions cannot be used (${reason}): they live in memory and end with the process`,
        );
        const detail = `The directory of stream definitions cannot be used (${reason}); streams end with the server.`;
        return {
          streams: createMemoryStreamStore(clock),
          state: { kind: 'memory', persistent: false, detail },
        };
      }
    }
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
