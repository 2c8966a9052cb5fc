import { openDynamoRequestQueue } from '../../src/adapters/dynamodb/dynamo-request-queue.ts';
import { makeRequestTable } from '../servers/dynamodb-client.ts';
import type { OpenQueue } from './request-queue-harness.ts';
import { describeRequestQueueProperties } from './request-queue-properties.contract.ts';

const open: OpenQueue = async (options) => {
  const { table, close } = await makeRequestTable();
  const openAnother = () => openDynamoRequestQueue(table, options);
  return { queue: openAnother(), openAnother, close };
};

// Each run has a table of its own.
describeRequestQueueProperties('dynamodb', open, { numRuns: 60, hasExactTurns: false });
