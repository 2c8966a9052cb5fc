import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { openDynamoTable, type DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { createTable, deleteTable } from '../../src/adapters/dynamodb/table-definition.ts';

export const dynamoDbKind = inject('dynamodb').kind;

/** Whatever the environment of the tests says: no credentials of a person, and never a service of theirs. */
export const makeDynamoClient = (): DynamoDBClient =>
  new DynamoDBClient({
    endpoint: inject('dynamodb').endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

/** A table of one test's own. */
export async function makeTestTable(): Promise<{ table: DynamoTable; close: () => Promise<void> }> {
  const client = makeDynamoClient();
  const name = `earshot-test-${randomBytes(6).toString('hex')}`;
  await createTable(client, name, { hasTimeToLive: dynamoDbKind !== 'dynalite' });
  return {
    table: openDynamoTable(client, name),
    close: async () => {
      await deleteTable(client, name);
      client.destroy();
    },
  };
}
