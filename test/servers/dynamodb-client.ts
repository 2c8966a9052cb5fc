import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openConnectionTable, type ConnectionTable } from '../../src/adapters/dynamodb/connection-table.ts';
import { openDynamoTable, type DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { openRequestTable, type RequestTable } from '../../src/adapters/dynamodb/request-table.ts';
import {
  openSubscriptionTable,
  type SubscriptionTable,
} from '../../src/adapters/dynamodb/subscription-table.ts';
import {
  CONNECTIONS,
  createTable,
  deleteTable,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
  type TableDefinition,
} from '../../src/adapters/dynamodb/table-definition.ts';

export const dynamoDbKind = inject('dynamodb').kind;

/** Whatever the environment of the tests says: no credentials of a person, and never a service of theirs. */
export const makeDynamoClient = (): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: inject('dynamodb').endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

interface TestTable<Table> {
  readonly table: Table;
  readonly close: () => Promise<void>;
}

/** A table of one test's own. Without time to live: the clock of the tests stands in the past, and DynamoDB Local
 * would delete before their eyes what they have just written. */
async function makeTable<Table>(
  definition: TableDefinition,
  open: (client: DynamoDBClient, name: string) => Table,
): Promise<TestTable<Table>> {
  const client = makeDynamoClient();
  const name = `earshot-test-${randomBytes(6).toString('hex')}`;
  await createTable(client, name, { definition, hasTimeToLive: false });
  return {
    table: open(client, name),
    close: async () => {
      await deleteTable(client, name);
      client.destroy();
    },
  };
}

export const makeTestTable = (): Promise<TestTable<DynamoTable>> => makeTable(RECORDS, openDynamoTable);
export const makeRequestTable = (): Promise<TestTable<RequestTable>> => makeTable(REQUESTS, openRequestTable);
export const makeConnectionTable = (): Promise<TestTable<ConnectionTable>> =>
  makeTable(CONNECTIONS, openConnectionTable);
export const makeSubscriptionTable = (): Promise<TestTable<SubscriptionTable>> =>
  makeTable(SUBSCRIPTIONS, openSubscriptionTable);
