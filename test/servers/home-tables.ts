import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CONNECTIONS,
  createTable,
  deleteTable,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
} from '../../src/adapters/dynamodb/table-definition.ts';

/** The names of all tables of a home, as the environment of a program has them: none is another test's. */
export const homeTables = (name: string) => ({
  DYNAMODB_TABLE: name,
  REQUESTS_TABLE: `${name}-requests`,
  CONNECTIONS_TABLE: `${name}-connections`,
  SUBSCRIPTIONS_TABLE: `${name}-subscriptions`,
});

export async function createHomeTables(client: DynamoDBClient, name: string): Promise<void> {
  const names = homeTables(name);
  await createTable(client, names.DYNAMODB_TABLE, { definition: RECORDS });
  await createTable(client, names.REQUESTS_TABLE, { definition: REQUESTS });
  await createTable(client, names.CONNECTIONS_TABLE, { definition: CONNECTIONS });
  await createTable(client, names.SUBSCRIPTIONS_TABLE, { definition: SUBSCRIPTIONS });
}

export async function deleteHomeTables(client: DynamoDBClient, name: string): Promise<void> {
  for (const table of Object.values(homeTables(name))) await deleteTable(client, table);
}
