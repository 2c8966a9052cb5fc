import { openDynamoIdempotencyStore } from '../../src/adapters/dynamodb/dynamo-idempotency-store.ts';
import { openDynamoPositionStore } from '../../src/adapters/dynamodb/dynamo-position-store.ts';
import { openDynamoRetiredObjectStore } from '../../src/adapters/dynamodb/dynamo-retired-object-store.ts';
import { openDynamoSettingStore } from '../../src/adapters/dynamodb/dynamo-setting-store.ts';
import type { DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { makeTestTable } from '../servers/dynamodb-client.ts';
import { describeIdempotencyStoreContract } from './idempotency-store.contract.ts';
import { describePositionStoreContract } from './position-store.contract.ts';
import { describeRetiredObjectStoreContract } from './retired-object-store.contract.ts';
import { describeSettingStoreContract } from './setting-store.contract.ts';

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
