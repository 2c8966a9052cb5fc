import { afterAll } from 'vitest';
import { openDynamoConnectionStore } from '../../src/adapters/dynamodb/dynamo-connection-store.ts';
import { openDynamoSubscriptionStore } from '../../src/adapters/dynamodb/dynamo-subscription-store.ts';
import { makeConnectionTable, makeSubscriptionTable } from '../servers/dynamodb-client.ts';
import { describeConnectionStoreContract } from './connection-store.contract.ts';
import { describeConnectionStoreProperties } from './connection-store-properties.contract.ts';
import { describeSubscriptionStoreContract } from './subscription-store.contract.ts';
import { describeSubscriptionStoreProperties } from './subscription-store-properties.contract.ts';

/** Many more are in the slow tests. */
const RUNS = 5;

describeConnectionStoreContract('dynamodb', async (clock) => {
  const { table, close } = await makeConnectionTable();
  return { store: openDynamoConnectionStore(table, clock), close };
});
describeSubscriptionStoreContract('dynamodb', async (clock) => {
  const { table, close } = await makeSubscriptionTable();
  return { store: openDynamoSubscriptionStore(table, clock), close, expiresByItself: true };
});

const connections = await makeConnectionTable();
const subscriptions = await makeSubscriptionTable();
afterAll(async () => {
  await connections.close();
  await subscriptions.close();
});

describeConnectionStoreProperties(
  'dynamodb',
  (clock) => ({ store: openDynamoConnectionStore(connections.table, clock) }),
  RUNS,
);
describeSubscriptionStoreProperties(
  'dynamodb',
  (clock) => ({ store: openDynamoSubscriptionStore(subscriptions.table, clock), expiresByItself: true }),
  RUNS,
);
