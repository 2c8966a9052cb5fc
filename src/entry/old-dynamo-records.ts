import { openDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { openDynamoOldItems } from '../adapters/dynamodb/dynamo-old-items.ts';
import { openDynamoPortableRecords } from '../adapters/dynamodb/dynamo-portable-records.ts';
import { openDynamoSettingStore } from '../adapters/dynamodb/dynamo-setting-store.ts';
import { openDynamoStreamStore } from '../adapters/dynamodb/dynamo-stream-store.ts';
import { openDynamoTable } from '../adapters/dynamodb/dynamo-table.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { OldRecords } from '../domain/old-records.ts';
import type { PortableRecords } from '../domain/portable-record.ts';
import type { StreamStore } from '../domain/stream.ts';
import { createTokenSealer } from '../services/user-tokens.ts';
import type { DynamoTables } from './aws-config.ts';
import { ensureSigningSecret } from './signing-secret.ts';

export interface OldDynamoRecords {
  readonly oldRecords: OldRecords;
  /** Of the table, wherever STREAM_STORAGE keeps definitions. */
  readonly streams: StreamStore;
  close(): void;
}

/** What older deployments left in the table of records; its stores say whether it can be used. */
export function openOldDynamoRecords(
  { table, region, endpoint }: DynamoTables,
  jwtSecret: string | undefined,
  clock: Clock,
  log: Log,
): OldDynamoRecords {
  const client = openDynamoClient({ region, endpoint });
  const settings = openDynamoSettingStore(openDynamoTable(client, table));
  const seal = createTokenSealer(() => ensureSigningSecret(settings, jwtSecret));
  return {
    oldRecords: openDynamoOldItems(client, table, { seal }),
    streams: openDynamoStreamStore(openDynamoTable(client, table), { clock, log }),
    close: () => client.destroy(),
  };
}

/** Whether users of an older deployment are there, whom no list shows. Reads the whole table where there are none. */
export async function hasOldDynamoUsers({ table, region, endpoint }: DynamoTables): Promise<boolean> {
  const client = openDynamoClient({ region, endpoint });
  try {
    return await openDynamoOldItems(client, table).hasUsers();
  } finally {
    client.destroy();
  }
}

/** The records of the table, to be written as they are. */
export function openDynamoMigrationRecords(
  { table, region, endpoint }: DynamoTables,
  clock: Clock,
): { readonly records: PortableRecords; readonly close: () => void } {
  const client = openDynamoClient({ region, endpoint });
  return { records: openDynamoPortableRecords(client, table, clock), close: () => client.destroy() };
}
