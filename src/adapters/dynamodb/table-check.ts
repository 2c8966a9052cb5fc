import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AppError } from '../../domain/app-error.ts';
import { complaintOf } from '../aws/service-complaint.ts';
import { describeTable, type TableDefinition } from './table-definition.ts';

const MAKE = 'Make it with: npx earshot tables create';

const COMPLAINTS = {
  missing: `does not exist. ${MAKE}`,
  forbidden:
    'is forbidden to these credentials. Allow them dynamodb:DescribeTable, GetItem, BatchGetItem, Query, PutItem, ' +
    'UpdateItem, DeleteItem, BatchWriteItem and ConditionCheckItem on the table and its indexes.',
};

/**
 * For the start: whether the table is there, with all its indexes, and may be used.
 * @throws storage_unavailable, whose message names the table and says what to do
 */
export async function checkTable(
  client: DynamoDBClient,
  name: string,
  { indexes }: TableDefinition,
): Promise<void> {
  const complain = (complaint: string, cause?: unknown) =>
    new AppError('storage_unavailable', `The DynamoDB table "${name}" ${complaint}`, { cause });
  const table = await describeTable(client, name).catch((error: unknown) => {
    throw complain(complaintOf(error, COMPLAINTS), error);
  });
  if (table === null) throw complain(COMPLAINTS.missing);
  for (const index of Object.keys(indexes)) {
    const there = table.indexes.find((each) => each.name === index);
    if (there === undefined) throw complain(`has no index ${index}. ${MAKE}`);
    // One that is being made answers nothing yet.
    if (there.status === 'CREATING') throw complain(`is still making its index ${index}. Try again later.`);
  }
}
