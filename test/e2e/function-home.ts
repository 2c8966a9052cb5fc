import type { S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { startFunctionUrl, type FunctionUrl } from '../servers/local-gateway/function-url.ts';
import { createLambdaFunction, type LambdaFunction } from '../servers/local-gateway/lambda-function.ts';
import { startParametersExtension } from '../servers/local-gateway/parameters-extension.ts';
import { makeS3Client, makeTestBucket, startS3 } from '../servers/s3-server.ts';
import { root, startServer, type Program } from './program.ts';

const run = promisify(execFile);
const PREFIX = '/earshot/test';
const SESSION_TOKEN = 'session-token';

export const ADMIN_PASSWORD = 'correct horse battery';

/** The AWS home on loopback: tables, bucket, the HTTP function behind its URL, and a worker. */
export interface FunctionHome {
  readonly url: string;
  readonly http: LambdaFunction;
  readonly functionUrl: FunctionUrl;
  readonly bucket: string;
  readonly s3: ReturnType<typeof makeS3Client>;
  /** What the functions have in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Does the long work on the same tables. */
  readonly worker: Program;
  stop(): Promise<void>;
}

export interface FunctionHomeOptions {
  readonly dataDir: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What stands between the function and its services, for a test that counts. */
  readonly services?: (endpoints: {
    readonly dynamodb: string;
    readonly s3: string;
    readonly table: string;
  }) => Promise<{ readonly dynamodb: string; readonly s3: string }>;
  /** What is in front of the bucket, and the key whose addresses it opens, which lies in the secret store. */
  readonly cloudFront?: {
    readonly start: (client: S3Client, bucket: string) => Promise<{ readonly url: string }>;
    readonly keyPairId: string;
    readonly privateKey: string;
  };
  readonly timeoutMs?: number;
  /** Default true: see `createLambdaFunction`. */
  readonly freezes?: boolean;
}

/** @param options its environment is put on top of the plain one */
export async function startFunctionHome(options: FunctionHomeOptions): Promise<FunctionHome> {
  await using started = new AsyncDisposableStack();
  const s3 = await startS3();
  started.defer(() => s3.stop());
  const client = makeS3Client(s3.endpoint);
  started.defer(() => client.destroy());
  const bucket = await makeTestBucket(client);
  const table = `earshot-functions-${randomBytes(6).toString('hex')}`;
  const dynamo = makeDynamoClient();
  await createHomeTables(dynamo, table);
  started.defer(async () => {
    await deleteHomeTables(dynamo, table);
    dynamo.destroy();
  });
  const {
    ADMIN_PASSWORD: password = ADMIN_PASSWORD,
    JWT_SECRET: jwtSecret = randomBytes(32).toString('hex'),
    ...changes
  } = options.environment ?? {};
  const direct = { dynamodb: inject('dynamodb').endpoint, s3: s3.endpoint };
  const home = {
    PLAYBACK: 'link',
    ...homeTables(table),
    S3_AUDIO_BUCKET: bucket,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testtest',
    TTS_ENGINE: 'off',
    STT_ENGINE: 'off',
  };
  const worker = await startServer(options.dataDir, {
    ...home,
    DYNAMODB_ENDPOINT: direct.dynamodb,
    S3_ENDPOINT: direct.s3,
    JWT_SECRET: jwtSecret,
    ...changes,
    // Nobody asks it, and so it makes no administrator: the function has to.
    AUTH: 'off',
  });
  started.defer(async () => void (await worker.stop()));
  const { cloudFront } = options;
  const extension = await startParametersExtension(
    {
      [`${PREFIX}/jwt-secret`]: jwtSecret,
      [`${PREFIX}/admin-password`]: password,
      ...(cloudFront && { [`${PREFIX}/cloudfront-private-key`]: cloudFront.privateKey }),
    },
    SESSION_TOKEN,
  );
  started.defer(() => extension.stop());
  const directory = await mkdtemp(join(tmpdir(), 'earshot-bundle-'));
  started.defer(() => rm(directory, { recursive: true, force: true }));
  await run(process.execPath, [join(root, 'scripts', 'build-lambda.ts'), '--out', directory, 'http']);
  const services = (await options.services?.({ ...direct, table })) ?? direct;
  const functions: { http?: LambdaFunction } = {};
  const functionUrl = await startFunctionUrl(() => {
    if (functions.http === undefined) throw new Error('The function is not there yet.');
    return functions.http;
  });
  started.defer(() => functionUrl.stop());
  const environment = {
    ...home,
    DYNAMODB_ENDPOINT: services.dynamodb,
    S3_ENDPOINT: services.s3,
    SECRETS_PREFIX: PREFIX,
    PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(extension.port),
    AWS_SESSION_TOKEN: SESSION_TOKEN,
    PUBLIC_URL: functionUrl.url,
    ...(cloudFront && {
      CLOUDFRONT_URL: (await cloudFront.start(client, bucket)).url,
      CLOUDFRONT_KEY_PAIR_ID: cloudFront.keyPairId,
    }),
    ...changes,
  };
  const http = createLambdaFunction({
    name: 'earshot-http',
    directory: join(directory, 'http'),
    environment,
    timeoutMs: options.timeoutMs ?? 120_000,
    freezes: options.freezes ?? true,
  });
  functions.http = http;
  started.defer(() => http.stop());
  const all = started.move();
  return {
    url: functionUrl.url,
    http,
    functionUrl,
    bucket,
    s3: client,
    environment,
    worker,
    stop: () => all.disposeAsync(),
  };
}
