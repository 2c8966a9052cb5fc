import { UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createLambdaFunction, type LambdaFunction } from '../servers/local-gateway/lambda-function.ts';
import { startStreamMapping, type StreamMapping } from '../servers/local-gateway/stream-mapping.ts';
import {
  startWebSocketGateway,
  type WebSocketGateway,
  type WebSocketGatewayOptions,
} from '../servers/local-gateway/web-socket-gateway.ts';
import { startFunctionHome, type FunctionHome } from './function-home.ts';
import { root } from './program.ts';

const run = promisify(execFile);

/** As infra/ has them. */
const WEB_SOCKET_TIMEOUT_MS = 29_000;
const SWEEP_TIMEOUT_MS = 55_000;
const RETRY_ATTEMPTS = 2;
const PARALLELIZATION_FACTOR = 10;
/** In place of a minute. */
const SWEEP_INTERVAL_MS = 3000;

/** The whole AWS home on loopback: every function, what starts them, and nothing that runs between. */
export interface LiveFunctionHome {
  readonly home: FunctionHome;
  readonly gateway: WebSocketGateway;
  readonly webSocket: LambdaFunction;
  readonly worker: LambdaFunction;
  readonly sweep: LambdaFunction;
  readonly mapping: StreamMapping;
  /** What went wrong in sweeps. */
  readonly sweepFailures: readonly unknown[];
  stop(): Promise<void>;
}

export interface LiveFunctionHomeOptions {
  readonly dataDir: string;
  readonly gateway?: Omit<WebSocketGatewayOptions, 'invoke'>;
  readonly batchSize?: number;
}

export async function startLiveFunctionHome({
  dataDir,
  gateway: limits = {},
  batchSize = 1,
}: LiveFunctionHomeOptions): Promise<LiveFunctionHome> {
  await using started = new AsyncDisposableStack();
  const gateway = await startWebSocketGateway({
    ...limits,
    invoke: async (event) => JSON.parse((await webSocket.invoke(event)).result) as { statusCode: number },
  });
  started.defer(() => gateway.stop());
  const own = {
    WEBSOCKET_ENDPOINT: gateway.endpoint,
    WEBSOCKET_URL: gateway.url,
    // The server beside the function does no work: that is the functions' here.
    WORKERS: '0',
  };
  const home = await startFunctionHome({ dataDir, environment: own });
  started.defer(() => home.stop());
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bundle-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  const build = join(root, 'scripts', 'build-lambda.ts');
  await run(process.execPath, [build, '--out', directory, 'websocket', 'worker', 'sweep']);

  const make = (
    name: string,
    timeoutMs: number,
    change: { environment?: object; isConfined?: boolean } = {},
  ) => {
    const made = createLambdaFunction({
      name: `earshot-${name}`,
      directory: join(directory, name),
      timeoutMs,
      isConfined: change.isConfined ?? true,
      environment: { ...home.environment, ...change.environment },
    });
    started.defer(() => made.stop());
    return made;
  };
  const webSocket = make('websocket', WEB_SOCKET_TIMEOUT_MS);
  // It runs ffmpeg, and threads.
  const worker = make('worker', 15 * 60_000, { isConfined: false, environment: { WORKERS: '2' } });
  const sweep = make('sweep', SWEEP_TIMEOUT_MS);

  const { endpoint } = inject('dynamodb');
  const mapping = startStreamMapping({
    endpoint,
    streamArn: await beginStream(String(home.environment['REQUESTS_TABLE'])),
    invoke: async (event) => (await worker.invoke(event)).result,
    filter: ({ dynamodb }) => dynamodb.NewImage?.['Status']?.S === 'PENDING',
    batchSize,
    parallelizationFactor: PARALLELIZATION_FACTOR,
    retryAttempts: RETRY_ATTEMPTS,
  });
  const sweepFailures: unknown[] = [];
  const schedule = startSchedule(sweep, sweepFailures);
  const all = started.move();
  return {
    home,
    gateway,
    webSocket,
    worker,
    sweep,
    mapping,
    sweepFailures,
    async stop() {
      await schedule.stop();
      // A worker that is at work would be waited for.
      await worker.stop();
      await mapping.stop();
      await all.disposeAsync();
    },
  };
}

/** As the table of the requests has it on AWS. @returns the ARN of its stream */
async function beginStream(TableName: string): Promise<string> {
  const client = makeDynamoClient();
  try {
    const StreamSpecification = { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' as const };
    const answer = await client.send(new UpdateTableCommand({ TableName, StreamSpecification }));
    const arn = answer.TableDescription?.LatestStreamArn;
    if (arn === undefined) throw new Error(`The table ${TableName} has no stream.`);
    return arn;
  } finally {
    client.destroy();
  }
}

/** The event of a rule of EventBridge. */
const scheduledEvent = () => ({
  version: '0',
  id: crypto.randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: '123456789012',
  time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  region: 'eu-central-1',
  resources: ['arn:aws:events:eu-central-1:123456789012:rule/earshot-each-minute'],
  detail: {},
});

function startSchedule(sweep: LambdaFunction, failures: unknown[]): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await sweep.invoke(scheduledEvent()).catch((error: unknown) => void failures.push(error));
      await sleep(SWEEP_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
