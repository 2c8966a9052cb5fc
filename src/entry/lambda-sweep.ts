import type { Context, ScheduledEvent } from 'aws-lambda';
import { INDEX_LAG_MS, shareStates } from '../services/share-states.ts';
import { sweepOnce } from '../services/sweeps.ts';
import { createFunctionMetrics } from './function-metrics.ts';
import { openLambdaHome } from './lambda-home.ts';
import { tellOldestRequest } from './oldest-request.ts';
import { openOnce } from './open-once.ts';

const END_MS = 5000;

const openFunction = openOnce(async () => {
  const { ports, config, workStarter } = await openLambdaHome();
  const { actions } = ports;
  const startDue = async () => workStarter?.startDue([...actions.queued.keys()]);
  const more = [
    { name: 'starting work that is due', run: startDue },
    { name: 'telling of the oldest request', run: () => tellOldestRequest(ports, config.environment) },
  ];
  return {
    ports,
    more,
    metrics: createFunctionMetrics('sweep', ports),
    sharing: shareStates(ports, { endsAgainMs: INDEX_LAG_MS }),
  };
});

/** Each minute; at the full hour, those too that are for once an hour. Fails when one of them has, after all have run. */
export const handler = async ({ time }: Pick<ScheduledEvent, 'time'>, context: Context): Promise<void> => {
  const { ports, more, metrics, sharing } = await openFunction();
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - END_MS));
  try {
    await sweepOnce(ports, { withRare: new Date(time).getUTCMinutes() === 0, signal }, more);
  } finally {
    await sharing.settled();
    metrics.flush();
  }
};
