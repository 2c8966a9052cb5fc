import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** All that a table holds, in an order of its own content: two of them tell whether anything was changed. */
export async function dumpTable(client: DynamoDBClient, name: string): Promise<string[]> {
  const lines: string[] = [];
  let after: Record<string, never> | undefined;
  do {
    const { Items, LastEvaluatedKey } = await client.send(
      new ScanCommand({ TableName: name, ConsistentRead: true, ExclusiveStartKey: after }),
    );
    for (const item of Items ?? []) lines.push(JSON.stringify(Object.entries(item).sort()));
    after = LastEvaluatedKey as typeof after;
  } while (after !== undefined);
  return lines.sort();
}
