import { afterAll } from 'vitest';
import { openDynamoConnectionStore } from '../../src/adapters/dynamodb/dynamo-connection-store.ts';
import { openDynamoSubscriptionStore } from '../../src/adapters/dynamodb/dynamo-subscription-store.ts';
import { makeConnectionTable, makeSubscriptionTable } from '../servers/dynamodb-client.ts';
import { describeConnectionStoreProperties } from './connection-store-properties.contract.ts';
import { describeSubscriptionStoreProperties } from './subscription-store-properties.contract.ts';

/** All runs share a table of each kind: to make one takes longer than a run. */
export async function describeDynamoConnectionProperties(runs: number): Promise<void> {
  const connections = await makeConnectionTable();
  const subscriptions = await makeSubscriptionTable();
  afterAll(async () => {
    await connections.close();
    await subscriptions.close();
  });

  describeConnectionStoreProperties(
    'dynamodb',
    (clock) => ({ store: openDynamoConnectionStore(connections.table, clock) }),
    runs,
  );
  describeSubscriptionStoreProperties(
    'dynamodb',
    (clock) => ({ store: openDynamoSubscriptionStore(subscriptions.table, clock), expiresByItself: true }),
    runs,
  );
}
