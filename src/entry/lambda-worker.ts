import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import { INDEX_LAG_MS, shareStates } from '../services/share-states.ts';
import { workUntilIdle } from '../services/work-until-idle.ts';
import { createFunctionMetrics } from './function-metrics.ts';
import { openLambdaHome } from './lambda-home.ts';
import { openLocalEngines } from './local-engines.ts';
import { openOnce } from './open-once.ts';

/** What runs is let go so long before the platform ends it: an action has 5 s to heed that, and its end is told. */
const END_MS = 20_000;
/** Longer than a server's, and yet short: what a worker had that was killed waits for it. */
const LEASE_MS = 30_000;
const WATCH_MS = 1000;
const POLL_MS = 2000;
/** Work that is let go every quarter of an hour for so long would be for ever. */
const MAX_AGE_MS = 12 * 3_600_000;

const openFunction = openOnce(async () => {
  const { ports, config } = await openLambdaHome(openLocalEngines);
  return {
    ports,
    config,
    metrics: createFunctionMetrics('worker', ports),
    sharing: shareStates(ports, { endsAgainMs: INDEX_LAG_MS }),
  };
});

/**
 * Started by the stream of the requests table, for whatever waits there: which record it was says nothing that the queue
 * does not say better. So none is reported as failed, whatever becomes of its request (docs/decisions/0026-…).
 */
export const handler = async (_event: unknown, context: Context): Promise<DynamoDBBatchResponse> => {
  const { ports, config, metrics, sharing } = await openFunction();
  try {
    await workUntilIdle(ports, {
      actions: ports.actions,
      concurrency: config.workers,
      leaseMs: LEASE_MS,
      watchMs: WATCH_MS,
      pollMs: POLL_MS,
      maxAgeMs: MAX_AGE_MS,
      untilMs: ports.clock() + context.getRemainingTimeInMillis() - END_MS,
    });
  } finally {
    await sharing.settled();
    metrics.flush();
  }
  return { batchItemFailures: [] };
};
