import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoApiKeyStore } from '../adapters/dynamodb/dynamo-api-key-store.ts';
import { openDynamoAudioFileStore } from '../adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { openConnectionTable } from '../adapters/dynamodb/connection-table.ts';
import { openDynamoConnectionStore } from '../adapters/dynamodb/dynamo-connection-store.ts';
import { openDynamoIdempotencyStore } from '../adapters/dynamodb/dynamo-idempotency-store.ts';
import { openDynamoPlaybackLinkStore } from '../adapters/dynamodb/dynamo-playback-link-store.ts';
import { openDynamoPositionStore } from '../adapters/dynamodb/dynamo-position-store.ts';
import { openDynamoRequestQueue } from '../adapters/dynamodb/dynamo-request-queue.ts';
import { openDynamoRetiredObjectStore } from '../adapters/dynamodb/dynamo-retired-object-store.ts';
import { openDynamoSessionStore } from '../adapters/dynamodb/dynamo-session-store.ts';
import { openDynamoSettingStore } from '../adapters/dynamodb/dynamo-setting-store.ts';
import { openDynamoStreamStore } from '../adapters/dynamodb/dynamo-stream-store.ts';
import { openDynamoSubscriptionStore } from '../adapters/dynamodb/dynamo-subscription-store.ts';
import { openDynamoTable } from '../adapters/dynamodb/dynamo-table.ts';
import { gatherReads } from '../adapters/dynamodb/gathered-reads.ts';
import { openDynamoUserStore } from '../adapters/dynamodb/dynamo-user-store.ts';
import { openRequestTable } from '../adapters/dynamodb/request-table.ts';
import { openSubscriptionTable } from '../adapters/dynamodb/subscription-table.ts';
import { openWorkDoorbell } from '../adapters/dynamodb/work-doorbell.ts';
import { checkTable } from '../adapters/dynamodb/table-check.ts';
import type { DynamoTables } from './aws-config.ts';
import { definedTables } from './dynamo-tables.ts';
import { createTokenSealer } from '../services/user-tokens.ts';
import { ensureSigningSecret } from './signing-secret.ts';
import type { RecordStorage, RecordStorageOptions } from './records.ts';

/**
 * @param jwtSecret as configured; it seals what older programs kept with users and left open
 * @throws storage_unavailable when a table cannot be used, saying what to do
 */
export async function openDynamoStorage(
  tables: DynamoTables,
  jwtSecret: string | undefined,
  { clock, newId, log, isChecked = true }: RecordStorageOptions,
): Promise<RecordStorage> {
  const client = openDynamoClient(tables);
  try {
    // Of functions, many start, each for what it is asked, and none may describe tables.
    if (isChecked) await checkTables(client, tables);
    const { table: tableName, requestsTable, connectionsTable, subscriptionsTable, region } = tables;
    log.info(
      { table: tableName, requestsTable, connectionsTable, subscriptionsTable, region },
      `records live in the DynamoDB table ${tableName}, requests in ${requestsTable}: ready`,
    );
    const each = openDynamoTable(client, tableName);
    const table = isChecked ? each : gatherReads(each);
    const requests = openRequestTable(client, requestsTable);
    const settings = openDynamoSettingStore(table);
    const seal = createTokenSealer(() => ensureSigningSecret(settings, jwtSecret));
    return {
      kind: 'dynamodb',
      records: {
        settings,
        audioFiles: openDynamoAudioFileStore(table, { clock }),
        users: openDynamoUserStore(table, { seal }),
        sessions: openDynamoSessionStore(table, clock),
        apiKeys: openDynamoApiKeyStore(table, clock),
        links: openDynamoPlaybackLinkStore(table, clock),
        positions: openDynamoPositionStore(table),
        idempotency: openDynamoIdempotencyStore(table, clock),
        retired: openDynamoRetiredObjectStore(table),
        queue: openDynamoRequestQueue(requests, { clock, newId }),
        connections: openDynamoConnectionStore(openConnectionTable(client, connectionsTable), clock),
        subscriptions: openDynamoSubscriptionStore(openSubscriptionTable(client, subscriptionsTable), clock),
      },
      workStarter: openWorkDoorbell(requests, { clock }),
      openStreams: () => openDynamoStreamStore(table, { clock, log }),
      close: () => client.destroy(),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}

/** @throws storage_unavailable when a table cannot be used, saying what to do */
export async function tryTables(tables: DynamoTables): Promise<void> {
  const client = openDynamoClient(tables);
  try {
    await checkTables(client, tables);
  } finally {
    client.destroy();
  }
}

async function checkTables(client: DynamoDBClient, tables: DynamoTables): Promise<void> {
  for (const { name, definition } of definedTables(tables)) await checkTable(client, name, definition);
}
