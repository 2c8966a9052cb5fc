import { openDynamoConnectionStore } from '../../src/adapters/dynamodb/dynamo-connection-store.ts';
import { openDynamoSubscriptionStore } from '../../src/adapters/dynamodb/dynamo-subscription-store.ts';
import { makeConnectionTable, makeSubscriptionTable } from '../servers/dynamodb-client.ts';
import { describeConnectionStoreContract } from './connection-store.contract.ts';
import { describeDynamoConnectionProperties } from './dynamodb-connection-properties.ts';
import { describeSubscriptionStoreContract } from './subscription-store.contract.ts';

describeConnectionStoreContract('dynamodb', async (clock) => {
  const { table, close } = await makeConnectionTable();
  return { store: openDynamoConnectionStore(table, clock), close };
});
describeSubscriptionStoreContract('dynamodb', async (clock) => {
  const { table, close } = await makeSubscriptionTable();
  return { store: openDynamoSubscriptionStore(table, clock), close, expiresByItself: true };
});

// Many more are in the slow tests.
await describeDynamoConnectionProperties(5);
