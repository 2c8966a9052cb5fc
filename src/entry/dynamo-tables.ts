import { complaintOf } from '../adapters/aws/service-complaint.ts';
import { openDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import {
  CONNECTIONS,
  createTable,
  deleteTable,
  describeTable,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
  type TableDefinition,
  type TableDescription,
} from '../adapters/dynamodb/table-definition.ts';
import { AppError } from '../domain/app-error.ts';
import type { DynamoTables } from './aws-config.ts';

const COMPLAINTS = {
  missing: 'does not exist.',
  forbidden:
    'is forbidden to these credentials. Allow them dynamodb:CreateTable, DescribeTable, UpdateTable, DeleteTable, ' +
    'DescribeTimeToLive and UpdateTimeToLive.',
};

/** What each of the configured tables is to be. */
export const definedTables = (
  tables: DynamoTables,
): readonly { readonly name: string; readonly definition: TableDefinition }[] => [
  { name: tables.table, definition: RECORDS },
  { name: tables.requestsTable, definition: REQUESTS },
  { name: tables.connectionsTable, definition: CONNECTIONS },
  { name: tables.subscriptionsTable, definition: SUBSCRIPTIONS },
];

/** One of the configured tables, for the commands that make, describe and delete them. */
export interface ConfiguredTable {
  readonly name: string;
  /** null for a table that is not there. */
  describe(): Promise<TableDescription | null>;
  /** Indexes that an older deployment's table lacks. */
  findMissingIndexes(): Promise<string[]>;
  create(): Promise<'created' | 'completed' | 'unchanged'>;
  /** @returns false for a table that is not there */
  delete(): Promise<boolean>;
}

/**
 * All configured tables, one after the other.
 * @throws storage_unavailable naming the table and what to do
 */
export async function forEachTable(
  tables: DynamoTables,
  work: (table: ConfiguredTable) => Promise<void>,
): Promise<void> {
  const client = openDynamoClient(tables);
  try {
    for (const { name, definition } of definedTables(tables)) {
      const describe = () => describeTable(client, name);
      await work({
        name,
        describe,
        findMissingIndexes: async () => {
          const there = new Set((await describe())?.indexes.map((index) => index.name));
          return Object.keys(definition.indexes).filter((index) => !there.has(index));
        },
        create: () => createTable(client, name, { definition }),
        delete: () => deleteTable(client, name),
      }).catch((error: unknown) => {
        const message = `The DynamoDB table "${name}" ${complaintOf(error, COMPLAINTS)}`;
        throw new AppError('storage_unavailable', message, { cause: error });
      });
    }
  } finally {
    client.destroy();
  }
}
