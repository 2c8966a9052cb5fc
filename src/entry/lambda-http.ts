import type { Server } from 'node:http';
import { join } from 'node:path';
import { buildApp } from '../http/app.ts';
import { functionUrlHandler } from '../http/lambda/function-url-handler.ts';
import { INDEX_LAG_MS, shareStates, type StateSharing } from '../services/share-states.ts';
import { openLambdaHome } from './lambda-home.ts';
import { pageOptions } from './page-options.ts';
import { VERSION } from './version.ts';

let sharing: StateSharing | undefined;

/** The whole HTTP interface behind a function URL that streams (`InvokeMode: RESPONSE_STREAM`). */
export const handler = functionUrlHandler(awslambda, openServer, async () => sharing?.settled());

async function openServer(): Promise<Server> {
  const { ports, config, logger } = await openLambdaHome();
  const { publicUrl, websocketUrl, corsOrigins, trustProxy } = config;
  // Whoever watches a request is at the gateway: it is told before the invocation ends.
  sharing ??= shareStates(ports, { endsAgainMs: INDEX_LAG_MS });
  const app = await buildApp(ports, {
    version: VERSION,
    publicUrl,
    webSocketUrl: websocketUrl ?? undefined,
    corsOrigins,
    trustProxy,
    logger,
    docsPage: false,
    page: pageOptions(config, join(import.meta.dirname, 'page')),
    // The worker has it.
    checks: { ffmpeg: async () => ({ status: 'disabled' }) },
  });
  return app.server;
}
