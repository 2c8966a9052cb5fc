import { buildApp } from '../http/app.ts';
import { functionUrlHandler } from '../http/lambda/function-url-handler.ts';
import { openLambdaHome } from './lambda-home.ts';
import { VERSION } from './version.ts';

/** The whole HTTP interface behind a function URL that streams (`InvokeMode: RESPONSE_STREAM`). */
export const handler = functionUrlHandler(awslambda, async () => {
  const { ports, config, logger } = await openLambdaHome();
  const { publicUrl, corsOrigins, trustProxy } = config;
  const app = await buildApp(ports, {
    version: VERSION,
    publicUrl,
    corsOrigins,
    trustProxy,
    logger,
    docsPage: false,
    // The worker has it.
    checks: { ffmpeg: async () => ({ status: 'disabled' }) },
  });
  return app.server;
});
