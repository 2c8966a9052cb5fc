import { randomBytes } from 'node:crypto';
import { migrateOldRecords } from '../../services/migrate-old-records.ts';
import type { DynamoTables } from '../aws-config.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../logger.ts';
import { openRecordStorage } from '../record-storage.ts';
import { showMigration, type MigrationSummary } from './migrate-output.ts';

/** Upgrades the old items of a table. @throws storage_unavailable */
export async function upgradeTable(
  dynamoTables: DynamoTables,
  { databasePath, jwtSecret }: Pick<Config, 'databasePath' | 'jwtSecret'>,
  isDryRun: boolean,
): Promise<MigrationSummary> {
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
      const ports = { ...storage.records, streams: old.streams, oldRecords: old.oldRecords };
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
