import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';

/** Seconds since the epoch. DynamoDB deletes what has passed some days late: a reader treats it as gone at once. */
export const TTL_ATTRIBUTE = 'expires_at';

const INDEXES = ['GSI1', 'GSI2', 'GSI3'] as const;
const MAX_WAIT_S = 120;

/** GSI1 by name; GSI2 by creation; GSI3 by duration. All attributes are in each, so that a list is one Query. */
function definitionOf(TableName: string): CreateTableCommandInput {
  const keysOf = (prefix: string) => [
    { AttributeName: `${prefix}PK`, KeyType: 'HASH' as const },
    { AttributeName: `${prefix}SK`, KeyType: 'RANGE' as const },
  ];
  const keys = [keysOf(''), ...INDEXES.map(keysOf)].flat();
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keysOf(''),
    AttributeDefinitions: keys.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const })),
    GlobalSecondaryIndexes: INDEXES.map((IndexName) => ({
      IndexName,
      KeySchema: keysOf(IndexName),
      Projection: { ProjectionType: 'ALL' as const },
    })),
  };
}

/**
 * Makes the table with its indexes, and waits until it can be used. One that is there already stays as it is.
 * @param hasTimeToLive false for services that do not know it (dynalite)
 * @returns whether it was made
 */
export async function createTable(
  client: DynamoDBClient,
  name: string,
  { hasTimeToLive = true }: { hasTimeToLive?: boolean } = {},
): Promise<boolean> {
  try {
    await client.send(new CreateTableCommand(definitionOf(name)));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceInUseException') throw error;
    return false;
  }
  await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT_S, minDelay: 1 }, { TableName: name });
  if (hasTimeToLive) {
    const TimeToLiveSpecification = { AttributeName: TTL_ATTRIBUTE, Enabled: true };
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
  }
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
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return null;
    throw error;
  }
}

/** With all that is in it. @returns false for a table that is not there */
export async function deleteTable(client: DynamoDBClient, name: string): Promise<boolean> {
  try {
    await client.send(new DeleteTableCommand({ TableName: name }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return false;
    throw error;
  }
  await waitUntilTableNotExists({ client, maxWaitTime: MAX_WAIT_S, minDelay: 1 }, { TableName: name });
  return true;
}
