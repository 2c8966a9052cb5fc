import { openDynamoRequestQueue } from '../../src/adapters/dynamodb/dynamo-request-queue.ts';
import { makeRequestTable } from '../servers/dynamodb-client.ts';
import { describeRequestQueueContract } from './request-queue.contract.ts';

describeRequestQueueContract('dynamodb', async (options) => {
  const { table, close } = await makeRequestTable();
  return { queue: openDynamoRequestQueue(table, options), close };
});
