import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoAudioFileStore } from '../../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { openDynamoTable, type DynamoTable } from '../../src/adapters/dynamodb/dynamo-table.ts';
import { frameIndexKey } from '../../src/domain/object-key.ts';
import { readConfig, type Config } from '../../src/entry/config.ts';
import { openFunctionEngines } from '../../src/entry/function-engines.ts';
import { openHome } from '../../src/entry/home.ts';
import { createTables } from '../../src/entry/storage.ts';
import { buildApp } from '../../src/http/app.ts';
import { expectStreams } from '../../src/services/expected-streams.ts';
import { audioFile } from '../../test/sample-records.ts';
import { startDynamoDb } from '../../test/servers/dynamodb-server.ts';
import { makeS3Client, startS3 } from '../../test/servers/s3-server.ts';
import type { BenchRun } from './bench.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { makePart } from './made-part.ts';

/** A process of the HTTP function, warm from its first request on. */
export interface CountedProcess {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The AWS home in this process, so that its clock can be told what time it is; what it asks of AWS is counted. As
 * functions do, each process of its answers one request at a time: whoever asks sees to that.
 */
export interface CountedHome {
  /** Of a process that is there from the start. */
  readonly url: string;
  startProcess(): Promise<CountedProcess>;
  readonly table: DynamoTable;
  /** Names in its library, in order. */
  readonly files: readonly string[];
  requestsOf(work: () => Promise<void>): Promise<{ dynamoDb: string[]; s3: string[] }>;
}

const BUCKET = 'earshot-bench-listeners';
const TABLES = {
  records: 'earshot-bench-listeners',
  requests: 'earshot-bench-listeners-requests',
  connections: 'earshot-bench-listeners-connections',
  subscriptions: 'earshot-bench-listeners-subscriptions',
};

export interface MadeLibrary {
  readonly files: number;
  /** Of each; default twenty seconds. */
  readonly framesEach?: number;
}

/** @returns null where there is no DynamoDB that can be used, which is said */
export async function openCountedHome(run: BenchRun, library: MadeLibrary): Promise<CountedHome | null> {
  const dynamoDb = await startDynamoDb(process.env);
  run.onEnd(() => dynamoDb.stop());
  if (dynamoDb.kind === 'dynalite') {
    run.note(
      'There is no Java for DynamoDB Local, and dynalite knows no transactions: nothing was measured.',
    );
    return null;
  }
  const s3 = await startS3();
  run.onEnd(() => s3.stop());
  const client = new DynamoDBClient({
    endpoint: dynamoDb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
  });
  run.onEnd(async () => client.destroy());
  await createTables(client, TABLES);
  const table = openDynamoTable(client, TABLES.records);
  const files = await fill(table, s3.endpoint, library);

  const proxies = {
    dynamoDb: await startCountingProxy(dynamoDb.endpoint),
    s3: await startCountingProxy(s3.endpoint),
  };
  run.onEnd(() => proxies.dynamoDb.close());
  run.onEnd(() => proxies.s3.close());
  // The SDK looks there by itself.
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'testtest' });
  const config = readConfig(
    {
      AWS_LAMBDA_FUNCTION_NAME: 'bench',
      DATA_DIR: tmpdir(),
      DYNAMODB_TABLE: TABLES.records,
      REQUESTS_TABLE: TABLES.requests,
      CONNECTIONS_TABLE: TABLES.connections,
      SUBSCRIPTIONS_TABLE: TABLES.subscriptions,
      DYNAMODB_ENDPOINT: proxies.dynamoDb.endpoint,
      S3_AUDIO_BUCKET: BUCKET,
      S3_ENDPOINT: proxies.s3.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_REGION: 'us-east-1',
      // As out of the secret store.
      JWT_SECRET: randomBytes(32).toString('hex'),
      PLAYBACK: 'public',
    },
    tmpdir(),
  );
  const first = await startProcess(config);
  run.onEnd(() => first.close());
  return {
    url: first.url,
    startProcess: () => startProcess(config),
    table,
    files,
    async requestsOf(work) {
      let ofS3: string[] = [];
      const ofDynamoDb = await proxies.dynamoDb.requestsOf(async () => {
        ofS3 = await proxies.s3.requestsOf(work);
      });
      return { dynamoDb: ofDynamoDb, s3: ofS3 };
    },
  };
}

/** Put together as src/entry/lambda-home.ts does it. */
async function startProcess(config: Config): Promise<CountedProcess> {
  const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };
  const home = await openHome(config, log, openFunctionEngines);
  const { expect: expectStream, ...expected } = expectStreams(home.ports.streams, home.ports.audioFiles);
  const app = await buildApp(
    { ...home.ports, ...expected, expectStream },
    { version: 'bench', publicUrl: null, corsOrigins: [], trustProxy: false, rateLimits: {} },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    async close() {
      await app.close();
      await home.close();
    },
  };
}

/** Each file has an object of its own, as in a library that people filled. */
async function fill(
  table: DynamoTable,
  s3Endpoint: string,
  { files: count, framesEach }: MadeLibrary,
): Promise<string[]> {
  const bucket = makeS3Client(s3Endpoint);
  const store = openDynamoAudioFileStore(table);
  const part = await makePart(framesEach);
  await bucket.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const names: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const name = `song-${String(number).padStart(3, '0')}.mp3`;
    const own = part.numbered(number);
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: own.key, Body: part.bytes }));
    const index = { Bucket: BUCKET, Key: frameIndexKey(own.sha256), Body: part.index };
    await bucket.send(new PutObjectCommand(index));
    await store.create(audioFile(name, { part: own, durationMs: part.durationMs }));
    names.push(name);
  }
  bucket.destroy();
  return names;
}
