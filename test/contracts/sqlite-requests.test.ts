import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { openSqliteRequestQueue } from '../../src/adapters/sqlite/sqlite-request-queue.ts';
import { describeRequestQueueContract } from './request-queue.contract.ts';
import type { OpenQueue } from './request-queue-harness.ts';
import { describeRequestQueueProperties } from './request-queue-properties.contract.ts';

const open: OpenQueue = (options) => {
  const db = openDatabase(':memory:');
  const openAnother = () => openSqliteRequestQueue(db, options);
  return { queue: openAnother(), openAnother, close: () => db.close() };
};

describeRequestQueueContract('sqlite', open);
describeRequestQueueProperties('sqlite', open, { numRuns: 40 });
