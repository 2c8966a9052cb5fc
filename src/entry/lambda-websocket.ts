import type { Context } from 'aws-lambda';
import type { GatewayEvent } from '../http/gateway/gateway-event.ts';
import { createGatewayHandler } from '../http/gateway/gateway-handler.ts';
import { DEFAULT_LIVE_LIMITS } from '../http/live/live-limits.ts';
import { createCallerWatch } from '../services/caller-watch.ts';
import { INDEX_LAG_MS, shareStates } from '../services/share-states.ts';
import { unusable } from './config-error.ts';
import { createFunctionMetrics } from './function-metrics.ts';
import { openLambdaHome } from './lambda-home.ts';
import { openOnce } from './open-once.ts';

/** What an answer needs at its end, of the 29 s that API Gateway waits for. */
const END_MS = 4000;

const openFunction = openOnce(async () => {
  const { ports, config, clientGateway } = await openLambdaHome();
  const { publicUrl, corsOrigins, websocketEndpoint: endpoint } = config;
  if (clientGateway === null || endpoint === null) throw unusable('WEBSOCKET_ENDPOINT', 'is needed here');
  const metrics = createFunctionMetrics('websocket', ports);
  const handle = createGatewayHandler({
    ports,
    clients: clientGateway,
    callers: createCallerWatch(ports, DEFAULT_LIVE_LIMITS),
    counters: metrics.realTime,
    limits: DEFAULT_LIVE_LIMITS,
    origins: { publicOrigin: publicUrl === null ? null : new URL(publicUrl).origin, corsOrigins },
    endpoint,
  });
  return { handle, metrics, sharing: shareStates(ports, { endsAgainMs: INDEX_LAG_MS }) };
});

/** WebSockets that API Gateway holds: `$connect`, `$default`, `$disconnect`. */
export const handler = async (event: GatewayEvent, context: Context) => {
  const { handle, metrics, sharing } = await openFunction();
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - END_MS));
  const answer = await handle(event, signal);
  await sharing.settled();
  metrics.flush();
  return answer;
};
