import { openDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { openDynamoPortableRecords } from '../adapters/dynamodb/dynamo-portable-records.ts';
import type { Clock } from '../domain/clock.ts';
import type { PortableRecords } from '../domain/portable-record.ts';
import type { DynamoTables } from './aws-config.ts';

/** The table of records; `openDynamoStorage` says whether it can be used. */
export function openPortableTables(
  tables: DynamoTables,
  clock: Clock,
): { readonly records: PortableRecords; readonly close: () => void } {
  const client = openDynamoClient(tables);
  return { records: openDynamoPortableRecords(client, tables.table, clock), close: () => client.destroy() };
}
