import type { Config } from './config.ts';
import type { RecordStorage, RecordStorageOptions } from './records.ts';

/**
 * Opens the tables that DYNAMODB_TABLE names, else, and on a fresh machine makes, the SQLite file.
 * @throws storage_unavailable when they cannot be used
 */
export async function openRecordStorage(
  config: Pick<Config, 'dynamoTables' | 'databasePath' | 'jwtSecret'> & Partial<Pick<Config, 'isFunction'>>,
  options: RecordStorageOptions,
): Promise<RecordStorage> {
  if (config.dynamoTables !== null) {
    // Only then: at home, the SDK would take a start's time and memory for nothing.
    const { openDynamoStorage } = await import('./dynamo-storage.ts');
    const { dynamoTables, jwtSecret, isFunction = false } = config;
    return openDynamoStorage(dynamoTables, jwtSecret, { ...options, isChecked: !isFunction });
  }
  // And functions do without SQLite.
  const { openSqliteStorage } = await import('./sqlite-storage.ts');
  return openSqliteStorage(config.databasePath, options);
}
