import cookie from '@fastify/cookie';
import fastify, { type FastifyBaseLogger, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
import type { Server } from 'node:http';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { readinessChecks, type ReadinessCheck } from '../services/check-readiness.ts';
import { diagnoseByReadiness, shareLooks, type Diagnose } from '../services/diagnosis.ts';
import { createBackups, type BackupTools } from '../services/download-backup.ts';
import type { Ports } from '../services/ports.ts';
import { registerAuthentication } from './authentication.ts';
import { registerCors } from './cors.ts';
import { answerClientError, registerErrorHandling, sendProblem } from './error-handler.ts';
import { onFinished } from './finished-request.ts';
import { registerIdempotency } from './idempotency.ts';
import { gatherKnownPaths } from './known-paths.ts';
import { createLiveConnections } from './live/live-connections.ts';
import { DEFAULT_LIVE_LIMITS, type LiveLimits } from './live/live-limits.ts';
import { isWebSocketHandshake } from './live/web-socket-handshake.ts';
import { registerWebSockets } from './live/web-socket-server.ts';
import { registerMetrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import { registerPage, type PageOptions } from './page.ts';
import { DEFAULT_RATE_LIMITS, registerRateLimit, type RateLimits } from './rate-limit.ts';
import { childLogger, logController, newRequestId, registerRequestLog } from './request-log.ts';
import { accountRoutes } from './routes/account-routes.ts';
import { debugRoutes } from './routes/debug-routes.ts';
import { directUploadRoutes } from './routes/direct-upload-routes.ts';
import { feedRoutes } from './routes/feed-routes.ts';
import { fileDetailsRoutes } from './routes/file-details-routes.ts';
import { filePlaybackRoutes } from './routes/file-playback-routes.ts';
import { hlsRoutes } from './routes/hls-routes.ts';
import { libraryRoutes } from './routes/library-routes.ts';
import { linkRoutes } from './routes/link-routes.ts';
import { listenRoutes } from './routes/listen-routes.ts';
import { liveRoutes } from './routes/live-routes.ts';
import { operationsRoutes } from './routes/operations-routes.ts';
import { operatorRoutes } from './routes/operator-routes.ts';
import { peerRoutes } from './routes/peer-routes.ts';
import { positionRoutes } from './routes/position-routes.ts';
import { queueRoutes } from './routes/queue-routes.ts';
import { requestEventsRoutes } from './routes/request-events-routes.ts';
import { requestRoutes } from './routes/request-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { speechRoutes } from './routes/speech-routes.ts';
import { streamFileRoutes } from './routes/stream-file-routes.ts';
import { streamListRoutes } from './routes/stream-list-routes.ts';
import { streamPlaybackRoutes } from './routes/stream-playback-routes.ts';
import { streamRoutes } from './routes/stream-routes.ts';
import { streamTransferRoutes } from './routes/stream-transfer-routes.ts';
import { transcriptionRoutes } from './routes/transcription-routes.ts';
import { transcriptRoutes } from './routes/transcript-routes.ts';
import { uploadRoutes } from './routes/upload-routes.ts';
import { userRoutes } from './routes/user-routes.ts';
import { registerSecurityHeaders } from './security-headers.ts';
import { cutSlowBodies, DEFAULT_REQUEST_TIMES, type RequestTimes } from './slow-requests.ts';

export interface AppOptions {
  readonly version: string;
  /** The address that links carry, without a slash at its end; null: that of the request. */
  readonly publicUrl: string | null;
  /** Where WebSockets are, when a gateway holds them. */
  readonly webSocketUrl?: string | undefined;
  /** Origins whose pages may call with the user's cookie. */
  readonly corsOrigins: readonly string[];
  /** Whose `X-Forwarded-*` is believed: addresses or subnets, or everybody's or nobody's. */
  readonly trustProxy: boolean | string | readonly string[];
  /** pino, or what looks like it; without it nothing is logged. */
  readonly logger?: FastifyBaseLogger | undefined;
  /** Of a body that is not an upload. */
  readonly maxBodyBytes?: number | undefined;
  readonly requestTimes?: Partial<RequestTimes> | undefined;
  readonly rateLimits?: Partial<RateLimits> | undefined;
  /** Of WebSockets and streams of events. */
  readonly liveLimits?: Partial<LiveLimits> | undefined;
  /** Default true; without it, the document at `/openapi.json` is there alone. */
  readonly docsPage?: boolean | undefined;
  /** The page at `/`; without it, `/` leads to the documentation of the interface. */
  readonly page?: PageOptions | undefined;
  /** What `/ready` asks, beside or instead of what the ports tell by themselves. */
  readonly checks?: Readonly<Record<string, ReadinessCheck>> | undefined;
  /** What the operator is told of the server; default: what `/ready` asks. */
  readonly diagnose?: Diagnose | undefined;
  /** Default null: backups are not to be had here. */
  readonly backup?: BackupTools | null | undefined;
}

// A file name of 200 bytes may come percent-encoded, at three characters a byte.
const MAX_PARAM_CHARACTERS = 1000;
const MAX_CHECKING_INTERVAL_MS = 10_000;

/** The whole HTTP interface, not yet listening. The order of the plugins is the order in which requests meet them. */
export async function buildApp(ports: Ports, options: AppOptions): Promise<FastifyInstance> {
  const { trustProxy } = options;
  const times: RequestTimes = { ...DEFAULT_REQUEST_TIMES, ...options.requestTimes };
  const serverOptions: FastifyHttpOptions<Server> = {
    ...(options.logger === undefined ? { logger: false } : { loggerInstance: options.logger }),
    logController,
    childLoggerFactory: childLogger,
    genReqId: newRequestId,
    trustProxy: typeof trustProxy === 'boolean' ? trustProxy : [trustProxy].flat(),
    bodyLimit: options.maxBodyBytes ?? 1024 * 1024,
    connectionTimeout: times.idleMs,
    http: {
      headersTimeout: times.headMs,
      shouldUpgradeCallback: isWebSocketHandshake,
      // How often Node looks for heads that are late; its own 30 s would add half again to a minute.
      connectionsCheckingInterval: Math.min(MAX_CHECKING_INTERVAL_MS, times.headMs / 4),
    },
    routerOptions: { maxParamLength: MAX_PARAM_CHARACTERS },
    // While it closes, what still arrives on open connections is answered; Fastify's own 503 is no problem+json.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      sendProblem(error, request, reply);
    },
  };
  const app = fastify(serverOptions);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  // JSON and multipart only. A form of another site can send text/plain without the browser asking first.
  app.removeContentTypeParser('text/plain');

  registerErrorHandling(app, gatherKnownPaths(app));
  cutSlowBodies(app, times);
  endConnectionsWhileClosing(app);
  registerRequestLog(app);
  await registerSecurityHeaders(app);
  await registerCors(app, options.corsOrigins);
  await app.register(cookie);
  const publicOrigin = options.publicUrl === null ? null : new URL(options.publicUrl).origin;
  registerAuthentication(app, ports, { publicOrigin, corsOrigins: options.corsOrigins });
  const limits = { ...DEFAULT_RATE_LIMITS, ...options.rateLimits };
  await registerRateLimit(app, limits);
  registerIdempotency(app, ports);
  const metrics = registerMetrics(app, ports);
  const liveLimits = { ...DEFAULT_LIVE_LIMITS, ...options.liveLimits };
  const live = createLiveConnections(ports, liveLimits, metrics.realTime);
  app.addHook('preClose', () => live.stop());
  await registerOpenApi(app, options);

  const page = options.page ?? { directory: null, otherOrigins: [] };
  if (!(await registerPage(app, page))) leadToDocumentation(app, options);

  const { publicUrl, version } = options;
  const links = { publicUrl };
  await app.register(sessionRoutes(ports, { publicUrl, ...limits }));
  await app.register(accountRoutes(ports, limits));
  await app.register(userRoutes(ports));
  await app.register(libraryRoutes(ports, links));
  await app.register(uploadRoutes(ports, links));
  await app.register(directUploadRoutes(ports, links));
  await app.register(transcriptionRoutes(ports));
  await app.register(debugRoutes(ports));
  await app.register(speechRoutes(ports));
  await app.register(fileDetailsRoutes(ports));
  await app.register(transcriptRoutes(ports));
  await app.register(filePlaybackRoutes(ports, times));
  await app.register(streamRoutes(ports));
  await app.register(queueRoutes(ports));
  await app.register(streamPlaybackRoutes(ports, { ...times, ...links }));
  await app.register(hlsRoutes(ports, times));
  await app.register(streamListRoutes(ports, links));
  await app.register(feedRoutes(ports, links));
  await app.register(streamFileRoutes(ports, times));
  await app.register(streamTransferRoutes(ports));
  await app.register(positionRoutes(ports));
  await app.register(linkRoutes(ports, links));
  await app.register(listenRoutes(ports, links));
  await app.register(requestRoutes(ports));
  await app.register(requestEventsRoutes(ports, live));
  await app.register(liveRoutes(ports, live, registerWebSockets(app, { ports, live }), options));
  await app.register(peerRoutes(ports));
  const checks = { ...readinessChecks(ports), ...options.checks };
  await app.register(operationsRoutes({ version, checks, metrics: metrics.read }));
  const diagnose = shareLooks(options.diagnose ?? diagnoseByReadiness(checks, tellDown(ports)));
  const beginBackup = createBackups(ports, options.backup ?? null);
  await app.register(operatorRoutes({ version, diagnose, beginBackup, ...times }));

  await app.ready();
  return app;
}

function leadToDocumentation(app: FastifyInstance, { docsPage = true }: AppOptions): void {
  app.get('/', { schema: { hide: true }, config: { anonymous: true } }, async (_request, reply) =>
    reply.redirect(docsPage ? '/docs' : '/openapi.json', 302),
  );
}

const tellDown =
  ({ log }: Pick<Ports, 'log'>) =>
  (check: string, err: unknown): void =>
    log.warn({ check, err }, 'a dependency is down');

/** A connection that is kept alive would hold a graceful stop up until it has been idle for long. */
function endConnectionsWhileClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  // What began before, and bodies that are written past the hook.
  onFinished(app, () => {
    if (closing) app.server.closeIdleConnections();
  });
}
