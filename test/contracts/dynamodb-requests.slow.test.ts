import { openDynamoRequestQueue } from '../../src/adapters/dynamodb/dynamo-request-queue.ts';
import { makeRequestTable } from '../servers/dynamodb-client.ts';
import { describeRequestQueueProperties } from './request-queue-properties.contract.ts';

// Each run has a table of its own.
const RUNS = 40;

describeRequestQueueProperties(
  'dynamodb',
  async (options) => {
    const { table, close } = await makeRequestTable();
    return { queue: openDynamoRequestQueue(table, options), close };
  },
  RUNS,
);
