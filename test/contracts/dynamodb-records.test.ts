import { describe } from 'vitest';
import { openDynamoApiKeyStore } from '../../src/adapters/dynamodb/dynamo-api-key-store.ts';
import { openDynamoIdempotencyStore } from '../../src/adapters/dynamodb/dynamo-idempotency-store.ts';
import { openDynamoPlaybackLinkStore } from '../../src/adapters/dynamodb/dynamo-playback-link-store.ts';
import { openDynamoPositionStore } from '../../src/adapters/dynamodb/dynamo-position-store.ts';
import { openDynamoRetiredObjectStore } from '../../src/adapters/dynamodb/dynamo-retired-object-store.ts';
import { openDynamoSessionStore } from '../../src/adapters/dynamodb/dynamo-session-store.ts';
import { openDynamoSettingStore } from '../../src/adapters/dynamodb/dynamo-setting-store.ts';
import type { DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { openDynamoUserStore } from '../../src/adapters/dynamodb/dynamo-user-store.ts';
import { dynamoDbKind, makeTestTable } from '../servers/dynamodb-client.ts';
import { describeApiKeyStoreContract } from './api-key-store.contract.ts';
import { describeIdempotencyStoreContract } from './idempotency-store.contract.ts';
import { describePlaybackLinkStoreContract } from './playback-link-store.contract.ts';
import { describePositionStoreContract } from './position-store.contract.ts';
import { describeRetiredObjectStoreContract } from './retired-object-store.contract.ts';
import { describeSessionStoreContract } from './session-store.contract.ts';
import { describeSettingStoreContract } from './setting-store.contract.ts';
import { describeUserStoreContract } from './user-store.contract.ts';

/** A store on a table of its own, which goes with it. */
async function onTable<Store>(openStore: (table: DynamoTable) => Store) {
  const { table, close } = await makeTestTable();
  return { store: openStore(table), close };
}

describePositionStoreContract('dynamodb', () => onTable(openDynamoPositionStore));
describeSettingStoreContract('dynamodb', () => onTable(openDynamoSettingStore));
describeIdempotencyStoreContract('dynamodb', (clock) =>
  onTable((table) => openDynamoIdempotencyStore(table, clock)),
);
describeRetiredObjectStoreContract('dynamodb', () => onTable(openDynamoRetiredObjectStore));

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('what writes several items at once', () => {
  describeUserStoreContract('dynamodb', () => onTable(openDynamoUserStore));
  describeSessionStoreContract('dynamodb', (clock) =>
    onTable((table) => openDynamoSessionStore(table, clock)),
  );
  describeApiKeyStoreContract('dynamodb', (clock) => onTable((table) => openDynamoApiKeyStore(table, clock)));
  describePlaybackLinkStoreContract('dynamodb', (clock) =>
    onTable((table) => openDynamoPlaybackLinkStore(table, clock)),
  );
});
