import { createMemoryRequestQueue } from '../../src/adapters/memory/memory-request-queue.ts';
import { describeRequestQueueContract } from './request-queue.contract.ts';
import type { OpenQueue } from './request-queue-harness.ts';
import { describeRequestQueueProperties } from './request-queue-properties.contract.ts';

const open: OpenQueue = (options) => {
  const queue = createMemoryRequestQueue(options);
  // There is no other way to the same memory.
  return { queue, openAnother: () => queue };
};

describeRequestQueueContract('memory', open);
describeRequestQueueProperties('memory', open, { numRuns: 150 });
