import { openDynamoRequestQueue } from '../../src/adapters/dynamodb/dynamo-request-queue.ts';
import { makeRequestTable } from '../servers/dynamodb-client.ts';
import type { OpenQueue } from './request-queue-harness.ts';
import { describeRequestQueueContract } from './request-queue.contract.ts';
import { describeRequestQueueProperties } from './request-queue-properties.contract.ts';

const open: OpenQueue = async (options) => {
  const { table, close } = await makeRequestTable();
  const openAnother = () => openDynamoRequestQueue(table, options);
  return { queue: openAnother(), openAnother, close };
};

describeRequestQueueContract('dynamodb', open);
// Each run has a table of its own.
describeRequestQueueProperties('dynamodb', open, { numRuns: 3, hasExactTurns: false });
