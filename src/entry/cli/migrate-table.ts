import { randomBytes } from 'node:crypto';
import { openTemporaryDirectory } from '../../adapters/files/temporary-directory.ts';
import type { Log } from '../../domain/log.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { migrateOldRecords } from '../../services/migrate-old-records.ts';
import type { DynamoTables } from '../aws-config.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../logger.ts';
import { openObjectStorage } from '../object-storage.ts';
import { openRecordStorage } from '../record-storage.ts';
import { showMigration, type MigrationSummary } from './migrate-output.ts';

/** Upgrades the old items of a table. @throws storage_unavailable */
export async function upgradeTable(
  dynamoTables: DynamoTables,
  config: Config,
  isDryRun: boolean,
): Promise<MigrationSummary> {
  const { databasePath, jwtSecret } = config;
  const clock = Date.now;
  const log = createLogger('warn', process.stdout.isTTY, process.stderr);
  const newId = () => randomBytes(16).toString('base64url');
  // Not the whole home: to open that makes a signing secret, and a dry run changes nothing.
  const storage = await openRecordStorage({ dynamoTables, databasePath, jwtSecret }, { clock, newId, log });
  try {
    // Only then: at home, the SDK would take time for nothing.
    const { openOldDynamoRecords } = await import('../old-dynamo-records.ts');
    const old = openOldDynamoRecords(dynamoTables, jwtSecret, clock, log);
    try {
      const shown = showMigration('items');
      await using audio = openLater(config, log);
      const { objects } = audio;
      const ports = { ...storage.records, streams: old.streams, oldRecords: old.oldRecords, objects };
      const { upgraded, setAside, left } = await migrateOldRecords(ports, shown.report, { isDryRun });
      shown.finish();
      const { user, audio_file: files, stream } = upgraded;
      const counts = `${user} users, ${files} audio files and ${stream} streams upgraded, ${setAside} users set aside`;
      return {
        lines: [isDryRun ? counts : `${counts}; counted again: ${left} old items are left`],
        failures: shown.failures(),
      };
    } finally {
      old.close();
    }
  } finally {
    storage.close();
  }
}

/** Where long transcripts go, opened when the first one does: most tables have none, and a dry run makes nothing. */
function openLater(
  config: Config,
  log: Log,
): { readonly objects: Pick<ObjectStore, 'read' | 'write'> } & AsyncDisposable {
  const opened = new AsyncDisposableStack();
  let opening: Promise<ObjectStore> | undefined;
  const open = async (): Promise<ObjectStore> => {
    const temporary = await openTemporaryDirectory({ parent: config.tempDir, clock: Date.now });
    opened.defer(() => temporary.close());
    const storage = await openObjectStorage(config, temporary.path, Date.now, log);
    opened.defer(() => storage.close());
    return storage.objects;
  };
  return {
    objects: {
      async *read(key, range, signal) {
        opening ??= open();
        yield* (await opening).read(key, range, signal);
      },
      write: async (key, body, signal) => {
        opening ??= open();
        return (await opening).write(key, body, signal);
      },
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
