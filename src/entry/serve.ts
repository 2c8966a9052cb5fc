import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { streamTar } from '../adapters/archive/tar-writer.ts';
import type { Log } from '../domain/log.ts';
import { buildApp } from '../http/app.ts';
import { ensureAdministrator } from '../services/ensure-administrator.ts';
import { startLooks } from '../services/look-at-watched.ts';
import { startReadAhead } from '../services/read-ahead.ts';
import { INDEX_LAG_MS, shareStates, type StateSharing } from '../services/share-states.ts';
import { startSweeps } from '../services/sweeps.ts';
import { startFolderWatch } from '../services/take-in-dropped.ts';
import { isLoopback, type Config } from './config.ts';
import { ConfigError } from './config-error.ts';
import { diagnosisOf } from './diagnosis.ts';
import { openEmbeddedHome } from './embedded.ts';
import { startEmbeddedWorker } from './embedded-worker.ts';
import { instanceEndpoint } from './instance-endpoint.ts';
import { createLogger } from './logger.ts';
import { BUILT_PAGE, pageOptions } from './page-options.ts';
import { watchParent } from './parent-watch.ts';
import { openPortableRecords } from './portable-home.ts';
import { VERSION } from './version.ts';

const FOLDER_INTERVAL_MS = 2000;
const SWEEP_INTERVAL_MS = 60_000;
/** At what other processes on the same database have done to requests that somebody watches. */
const LOOK_INTERVAL_MS = 1000;
/** The same where each look is billed. Instances tell each other, so that it is but for what got lost. */
const BILLED_LOOK_INTERVAL_MS = 3000;

/**
 * Runs the server until SIGINT or SIGTERM; a second signal ends it at once.
 * @throws ConfigError; storage_unavailable when the data cannot be opened
 */
export async function serve(config: Config): Promise<void> {
  if (config.auth === 'off' && !isLoopback(config.host)) {
    throw new ConfigError(
      'AUTH=off makes every caller an administrator, so it needs a loopback HOST such as 127.0.0.1.',
    );
  }
  const log = createLogger(config.logLevel, process.stdout.isTTY);
  log.info(
    {
      data: config.dataDir,
      audio: config.audioBucket?.bucket ?? config.audioFilesDir,
      database: config.dynamoTables?.table ?? config.databasePath,
    },
    `Earshot ${VERSION} keeps its data in ${placeOf(config)}`,
  );
  const home = await openEmbeddedHome(config, log);
  const { ports } = home;

  const app = await buildApp(ports, {
    version: VERSION,
    publicUrl: config.publicUrl,
    webSocketUrl: config.websocketUrl ?? undefined,
    corsOrigins: config.corsOrigins,
    trustProxy: config.trustProxy,
    logger: log,
    backup: {
      openRecords: () => openPortableRecords(config, Date.now),
      archive: streamTar,
      program: VERSION,
    },
    diagnose: () => Array.fromAsync(diagnosisOf(config, ports)),
    page: pageOptions(config, BUILT_PAGE),
    requestTimes: {
      headMs: config.requestTimeoutMs,
      bodyMs: config.requestTimeoutMs,
      uploadMs: config.requestTimeoutMs,
      stallMs: config.stallTimeoutMs,
    },
  });
  const background: { stop(graceMs: number): Promise<void> }[] = [];
  let sharing: StateSharing | null = null;
  stopOnSignal(async (signal) => {
    log.info({ signal }, 'stopping: no new requests; open ones may finish');
    const deadline = setTimeout(() => app.server.closeAllConnections(), config.shutdownGraceMs);
    await Promise.all([app.close(), ...background.map((work) => work.stop(config.shutdownGraceMs))]);
    clearTimeout(deadline);
    // What the worker did last, too, is told to the other instances.
    await sharing?.stop();
    await home.close();
    log.info({}, 'stopped');
  });

  await app.listen({ host: config.host, port: config.port }).catch((error: unknown) => {
    throw listenError(error, config);
  });
  home.onListening(instanceEndpoint(config.instanceUrl, app.server.address() as AddressInfo));
  // Only once the port is ours: a second server on the same data must not take work and then end.
  sharing = shareStates(ports, config.websocketEndpoint === null ? {} : { endsAgainMs: INDEX_LAG_MS });
  background.push(
    startEmbeddedWorker(home, config),
    startFolderWatch(ports, { intervalMs: FOLDER_INTERVAL_MS }),
    startSweeps(ports, { intervalMs: SWEEP_INTERVAL_MS }),
    startLooks(ports, {
      intervalMs: config.dynamoTables === null ? LOOK_INTERVAL_MS : BILLED_LOOK_INTERVAL_MS,
    }),
  );
  // In tables and buckets each look is billed.
  if (config.dynamoTables === null && config.audioBucket === null) background.push(startReadAhead(ports));

  // Whoever reads that it runs can log in.
  await announceAdministrator(config, ports, log);
  const address = addressOf(app);
  log.info(
    { address, auth: config.auth, playback: config.playback },
    `up and running: open ${address} in a browser; ${address}/docs shows every route`,
  );
  log.info({ ...(await ports.mediaTool.describe()) }, 'ffmpeg is ready');
}

function placeOf({ dataDir, dynamoTables, audioBucket }: Config): string {
  if (dynamoTables === null) return dataDir;
  return audioBucket === null ? `DynamoDB and ${dataDir}` : 'DynamoDB and S3';
}

/** A generated password goes to the terminal and nowhere else: never through the log. */
async function announceAdministrator(
  config: Config,
  ports: Parameters<typeof ensureAdministrator>[0],
  log: Log,
): Promise<void> {
  if (config.auth === 'off') return;
  const { adminPassword: password, dynamoTables } = config;
  const hasOldUsers = async () => {
    if (dynamoTables === null) return false;
    const { hasOldDynamoUsers } = await import('./old-dynamo-records.ts');
    return hasOldDynamoUsers(dynamoTables);
  };
  const made = await ensureAdministrator(ports, { password, hasOldUsers });
  if (made.awaitsMigration === true) {
    log.warn({}, 'no administrator was made: users of an older deployment wait for npx earshot migrate');
  }
  if (made.generatedPassword === undefined) return;
  process.stderr.write(
    `\n  The administrator is made. User: admin   Password: ${made.generatedPassword}\n` +
      '  This is shown once. Change it with: npx earshot user password admin\n\n',
  );
}

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function listenError(error: unknown, config: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new ConfigError(`Port ${config.port} is taken; choose another with PORT=…`);
  if (code === 'EACCES') return new ConfigError(`Port ${config.port} needs rights that this process lacks.`);
  if (code === 'EADDRNOTAVAIL') return new ConfigError('HOST is no address of this machine.');
  return error;
}

function stopOnSignal(stop: (signal: string) => Promise<void>): void {
  let stopping = false;
  const begin = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`earshot: stopping failed: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => begin(signal));
  watchParent(process.env, () => begin('the end of npm'));
}
