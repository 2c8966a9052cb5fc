import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { setTimeout } from 'node:timers/promises';
import { errorName } from '../aws/error-name.ts';

/** Seconds since the epoch. DynamoDB deletes what has passed some days late: a reader treats it as gone at once. */
export const TTL_ATTRIBUTE = 'expires_at';

const MAX_WAIT_S = 120;
/** Of an index over what an older deployment wrote. */
const MAX_INDEX_WAIT_S = 3600;

/** Partition key and sort key; all are text. */
type Keys = readonly [partition: string, sort?: string];

export interface TableDefinition {
  readonly key: Keys;
  /** All attributes are in each, so that a list is one Query. */
  readonly indexes: Readonly<Record<string, Keys>>;
  /** Seconds since the epoch. */
  readonly timeToLive: string;
}

/** GSI1 by name; GSI2 by creation; GSI3 by duration. */
export const RECORDS: TableDefinition = {
  key: ['PK', 'SK'],
  indexes: { GSI1: ['GSI1PK', 'GSI1SK'], GSI2: ['GSI2PK', 'GSI2SK'], GSI3: ['GSI3PK', 'GSI3SK'] },
  timeToLive: TTL_ATTRIBUTE,
};

export const REQUESTS: TableDefinition = {
  key: ['RequestID'],
  indexes: {
    ConnectionIndex: ['ConnectionID', 'CreatedAt'],
    StatusIndex: ['Status', 'CreatedAt'],
    UserIndex: ['UserID', 'CreatedAt'],
  },
  timeToLive: 'TTL',
};

export const CONNECTIONS: TableDefinition = {
  key: ['ConnectionID'],
  indexes: { UserIndex: ['UserID'], TenantIndex: ['TenantID'] },
  timeToLive: 'TTL',
};

export const SUBSCRIPTIONS: TableDefinition = {
  key: ['SubscriptionID'],
  indexes: { ConnectionIndex: ['ConnectionID'], RequestIndex: ['RequestID'] },
  timeToLive: 'TTL',
};

export interface CreateTableOptions {
  /** That of the records unless given. */
  readonly definition?: TableDefinition | undefined;
  /** false for services that do not know it (dynalite). */
  readonly hasTimeToLive?: boolean | undefined;
}

/** `completed`: it was there, and lacked an index or its time to live. */
export type TableCreation = 'created' | 'completed' | 'unchanged';

/**
 * Makes the table with its indexes, and waits until it can be used. One that is there already, such as that of an
 * older deployment, gets the indexes that it lacks, one after the other, and its time to live; its items stay as they
 * are.
 */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  { definition = RECORDS, hasTimeToLive = true }: CreateTableOptions = {},
): Promise<TableCreation> {
  let isNew = true;
  try {
    await client.send(new CreateTableCommand(inputOf(name, definition)));
  } catch (error) {
    if (errorName(error) !== 'ResourceInUseException') throw error;
    isNew = false;
  }
  await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT_S, minDelay: 1 }, { TableName: name });
  const added = isNew ? 0 : await addIndexes(client, name, definition);
  const begun = hasTimeToLive && (await beginTimeToLive(client, name, definition.timeToLive));
  if (isNew) return 'created';
  return added > 0 || begun ? 'completed' : 'unchanged';
}

function inputOf(TableName: string, { key, indexes }: TableDefinition): CreateTableCommandInput {
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: schemaOf(key),
    AttributeDefinitions: attributesOf([key, ...Object.values(indexes)]),
    GlobalSecondaryIndexes: Object.entries(indexes).map(([name, keys]) => indexOf(name, keys)),
  };
}

const schemaOf = ([partition, sort]: Keys) => [
  { AttributeName: partition, KeyType: 'HASH' as const },
  ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
];

const attributesOf = (keys: readonly Keys[]) =>
  [...new Set(keys.flat())].flatMap((name) =>
    name === undefined ? [] : [{ AttributeName: name, AttributeType: 'S' as const }],
  );

const indexOf = (IndexName: string, keys: Keys) => ({
  IndexName,
  KeySchema: schemaOf(keys),
  Projection: { ProjectionType: 'ALL' as const },
});

/** @returns how many. DynamoDB makes one at a time */
async function addIndexes(
  client: DynamoDBClient,
  name: string,
  { key, indexes }: TableDefinition,
): Promise<number> {
  const there = new Set((await describeTable(client, name))?.indexes.map((index) => index.name));
  const missing = Object.entries(indexes).filter(([index]) => !there.has(index));
  for (const [index, keys] of missing) {
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: attributesOf([key, keys]),
        GlobalSecondaryIndexUpdates: [{ Create: indexOf(index, keys) }],
      }),
    );
    await untilActive(client, name, index);
  }
  return missing.length;
}

async function untilActive(client: DynamoDBClient, name: string, index: string): Promise<void> {
  for (let waited = 0; waited < MAX_INDEX_WAIT_S; waited += 1) {
    const table = await describeTable(client, name);
    if (
      table?.status === 'ACTIVE' &&
      table.indexes.find((each) => each.name === index)?.status === 'ACTIVE'
    ) {
      return;
    }
    await setTimeout(1000);
  }
  throw new Error(`The index ${index} of the table ${name} is not ready after an hour.`);
}

/** @returns whether it had none before */
async function beginTimeToLive(
  client: DynamoDBClient,
  name: string,
  AttributeName: string,
): Promise<boolean> {
  const { TimeToLiveDescription: there } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  if (there?.TimeToLiveStatus === 'ENABLED' || there?.TimeToLiveStatus === 'ENABLING') return false;
  const TimeToLiveSpecification = { AttributeName, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  return true;
}

export interface TableDescription {
  readonly name: string;
  readonly status: string;
  /** As the service last counted, some hours ago. */
  readonly itemCount: number;
  readonly sizeBytes: number;
  readonly indexes: readonly { readonly name: string; readonly status: string }[];
}

/** null for a table that is not there. */
export async function describeTable(client: DynamoDBClient, name: string): Promise<TableDescription | null> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return {
      name,
      status: Table?.TableStatus ?? 'UNKNOWN',
      itemCount: Table?.ItemCount ?? 0,
      sizeBytes: Table?.TableSizeBytes ?? 0,
      indexes: (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName = '', IndexStatus = 'UNKNOWN' }) => ({
        name: IndexName,
        status: IndexStatus,
      })),
    };
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return null;
    throw error;
  }
}

/** With all that is in it. @returns false for a table that is not there */
export async function deleteTable(client: DynamoDBClient, name: string): Promise<boolean> {
  try {
    await client.send(new DeleteTableCommand({ TableName: name }));
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return false;
    throw error;
  }
  await waitUntilTableNotExists({ client, maxWaitTime: MAX_WAIT_S, minDelay: 1 }, { TableName: name });
  return true;
}
