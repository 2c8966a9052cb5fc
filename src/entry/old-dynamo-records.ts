import { openDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { openDynamoOldItems } from '../adapters/dynamodb/dynamo-old-items.ts';
import { openDynamoStreamStore } from '../adapters/dynamodb/dynamo-stream-store.ts';
import { openDynamoTable } from '../adapters/dynamodb/dynamo-table.ts';
import type { Clock } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import type { OldRecords } from '../domain/old-records.ts';
import type { StreamStore } from '../domain/stream.ts';
import type { DynamoTables } from './aws-config.ts';

export interface OldDynamoRecords {
  readonly oldRecords: OldRecords;
  /** Of the table, wherever STREAM_STORAGE keeps definitions. */
  readonly streams: StreamStore;
  close(): void;
}

/** What older deployments left in the table of records; its stores say whether it can be used. */
export function openOldDynamoRecords(
  { table, region, endpoint }: DynamoTables,
  clock: Clock,
  log: Log,
): OldDynamoRecords {
  const client = openDynamoClient({ region, endpoint });
  return {
    oldRecords: openDynamoOldItems(client, table),
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
