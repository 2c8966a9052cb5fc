/** What the AWS home asks of DynamoDB and S3, and what its adapters add to the SDK: `aws-home.ts [--quick]`. */
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { openDynamoAudioFileStore } from '../src/adapters/dynamodb/dynamo-audio-file-store.ts';
import { toAudioItem } from '../src/adapters/dynamodb/dynamo-audio-item.ts';
import { audioKey, listPartition, lookUpItems } from '../src/adapters/dynamodb/dynamo-audio-keys.ts';
import { openDynamoStreamStore } from '../src/adapters/dynamodb/dynamo-stream-store.ts';
import { openDynamoTable, type DynamoTable, type Item } from '../src/adapters/dynamodb/dynamo-table.ts';
import {
  CONNECTIONS,
  createTable,
  RECORDS,
  REQUESTS,
  SUBSCRIPTIONS,
} from '../src/adapters/dynamodb/table-definition.ts';
import { openDynamoUserStore } from '../src/adapters/dynamodb/dynamo-user-store.ts';
import { createArgon2Hasher } from '../src/adapters/argon2/argon2-hasher.ts';
import type { AudioFile } from '../src/domain/audio-file.ts';
import { startDynamoDb } from '../test/servers/dynamodb-server.ts';
import { makeS3Client, startS3 } from '../test/servers/s3-server.ts';
import { audioFile, newUser } from '../test/sample-records.ts';
import { runBench, type BenchRun } from './harness/bench.ts';
import { startCountingProxy, type CountingProxy } from './harness/counting-proxy.ts';
import { makePart, type MadePart } from './harness/made-part.ts';
import { openProgram } from './harness/program.ts';
import { atMost, type Measure } from './harness/report.ts';
import { interleave, median, medianRatio } from './harness/rounds.ts';

const SMALL = 100;
const LARGE = 100_000;
const LARGE_QUICK = 2000;
const QUEUE = 1000;
const PAGE = 100;
const PASSWORD = 'correct horse battery';
const BUCKET = 'earshot-bench';
const CONNECTIONS_TABLE = 'earshot-bench-connections';
const SUBSCRIPTIONS_TABLE = 'earshot-bench-subscriptions';
const SWEPT_MS = 3000;
/** Objects that the parts of the long stream share: more than a first byte may ask for. */
const OBJECTS = 20;
const log = { debug: () => {}, info: () => {}, warn: console.warn, error: console.error };

await runBench('The AWS home', async (run) => {
  const dynamoDb = await startDynamoDb(process.env);
  run.onEnd(() => dynamoDb.stop());
  if (dynamoDb.kind === 'dynalite') {
    run.note(
      'There is no Java for DynamoDB Local, and dynalite knows no transactions: nothing was measured.',
    );
    return [];
  }
  const s3 = await startS3();
  run.onEnd(() => s3.stop());
  const client = new DynamoDBClient({
    endpoint: dynamoDb.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
  });
  run.onEnd(async () => client.destroy());
  const count = run.quick ? LARGE_QUICK : LARGE;
  run.note(`DynamoDB: ${dynamoDb.kind}; S3: ${s3.kind}; ${count} records against ${SMALL}; pages of ${PAGE}`);
  const part = await makePart();
  const small = await fill(client, 'earshot-bench-small', SMALL, part);
  const large = await fill(client, 'earshot-bench-large', count, part);
  return [
    ...(await countRequests(run, large, { dynamoDb: dynamoDb.endpoint, s3: s3.endpoint }, part)),
    ...(await compareWithSdk(run, client, small, large)),
  ];
});

/** A table with so many records, written as the store writes them, but for their search terms. */
async function fill(
  client: DynamoDBClient,
  name: string,
  count: number,
  part: MadePart,
): Promise<DynamoTable> {
  await createTable(client, name, { definition: RECORDS });
  const table = openDynamoTable(client, name);
  const batch: { put: Item }[] = [];
  for (let number = 0; number < count; number += 1) {
    const file = madeFile(number, part);
    const items = [toAudioItem(file, { arrival: number, termsId: String(number) }), ...lookUpItems(file)];
    batch.push(...items.map((put) => ({ put })));
    if (batch.length >= 1000) await table.writeMany(batch.splice(0));
  }
  await table.writeMany(batch);
  return table;
}

function nameOf(number: number): string {
  return `story-${String(number).padStart(6, '0')}.mp3`;
}

function madeFile(number: number, part: MadePart): AudioFile {
  return audioFile(nameOf(number), {
    revision: 1,
    part: part.numbered(number % OBJECTS),
    durationMs: part.durationMs + number,
    createdAtMs: Date.UTC(2026, 0, 1) + number * 1000,
  });
}

/** What the program asks, seen on the wire. */
async function countRequests(
  run: BenchRun,
  table: DynamoTable,
  endpoints: { readonly dynamoDb: string; readonly s3: string },
  part: MadePart,
): Promise<Measure[]> {
  const bucket = makeS3Client(endpoints.s3);
  run.onEnd(async () => bucket.destroy());
  await bucket.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (let number = 0; number < OBJECTS; number += 1) {
    const { key } = part.numbered(number);
    await bucket.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: part.bytes }));
  }
  const users = openDynamoUserStore(table);
  const passwordHash = await createArgon2Hasher().hash(PASSWORD);
  await users.create(newUser('anna', { passwordHash, isAdmin: true }));
  const streams = openDynamoStreamStore(table, { clock: Date.now, log });
  const files = Array.from({ length: QUEUE }, (_, number) => nameOf(number));
  const definition = { tenantId: 'default', playMode: 'sequential', persistence: 'permanent' } as const;
  await streams.save({ ...definition, name: 'long', files });

  // The workers look there for work, whatever is asked of the program.
  const requests = 'earshot-bench-requests';
  const dynamoDb = await startCountingProxy(endpoints.dynamoDb, requests);
  run.onEnd(() => dynamoDb.close());
  const s3 = await startCountingProxy(endpoints.s3);
  run.onEnd(() => s3.close());
  const client = new DynamoDBClient({
    endpoint: endpoints.dynamoDb,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
  });
  await createTable(client, requests, { definition: REQUESTS });
  await createTable(client, CONNECTIONS_TABLE, { definition: CONNECTIONS });
  await createTable(client, SUBSCRIPTIONS_TABLE, { definition: SUBSCRIPTIONS });
  client.destroy();
  const environment = {
    DYNAMODB_TABLE: table.name,
    REQUESTS_TABLE: requests,
    CONNECTIONS_TABLE,
    SUBSCRIPTIONS_TABLE,
    DYNAMODB_ENDPOINT: dynamoDb.endpoint,
    S3_AUDIO_BUCKET: BUCKET,
    S3_ENDPOINT: s3.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testtest',
  };
  const open = async (change: Record<string, string>) => {
    const program = await openProgram({ ...environment, ...change });
    run.onEnd(() => program.close());
    // What the sweeps ask at the start is not asked by anybody here.
    await setTimeout(SWEPT_MS);
    return program;
  };
  const program = await open({});
  const counted = (path: string) => dynamoDb.requestsOf(() => take(`${program.url}${path}`));
  const stream = '/api/streams/long/stream.mp3';
  const firstByte = await both(dynamoDb, s3, () => takeFirst(`${program.url}${stream}`));
  const warm = await both(dynamoDb, s3, () => takeFirst(`${program.url}${stream}`));
  const measures = [
    tell('one file’s metadata', await counted(`/api/audio/${nameOf(5)}/info`), 1),
    tell(`a page of ${PAGE} files`, await counted(`/api/audio/list?limit=${PAGE}`), 1),
    tell(
      `the first byte of a stream of ${QUEUE} parts, which nobody has heard: its definition and its records`,
      firstByte.dynamoDb,
      QUEUE / 100 + 2,
    ),
    tell('… of S3', firstByte.s3, 1),
    tell('… and again', warm.dynamoDb, 2),
    tell('… of S3', warm.s3, 0),
  ];
  const guarded = await open({ AUTH: 'on', ADMIN_PASSWORD: PASSWORD });
  const logIn = () =>
    fetch(`${guarded.url}/api/user/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'anna', password: PASSWORD }),
    });
  const login = await dynamoDb.requestsOf(async () => {
    const response = await logIn();
    if (response.status !== 200) throw new Error(`The login was answered ${response.status}.`);
  });
  return [...measures, tell('a login', login, 2)];
}

async function both(
  dynamoDb: CountingProxy,
  s3: CountingProxy,
  work: () => Promise<unknown>,
): Promise<{ dynamoDb: string[]; s3: string[] }> {
  let ofS3: string[] = [];
  const ofDynamoDb = await dynamoDb.requestsOf(async () => {
    ofS3 = await s3.requestsOf(work);
  });
  return { dynamoDb: ofDynamoDb, s3: ofS3 };
}

function tell(name: string, requests: readonly string[], limit: number): Measure {
  const counts = new Map<string, number>();
  for (const action of requests) counts.set(action, (counts.get(action) ?? 0) + 1);
  const list = [...counts].map(([action, times]) => `${times} ${action}`).join(', ');
  return {
    name,
    ours: list === '' ? 'none' : list,
    value: requests.length,
    target: atMost(limit, 'requests'),
  };
}

async function take(url: string): Promise<void> {
  const response = await fetch(url);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${url} was answered ${response.status}: ${body}`);
}

/** Reads the first frames. */
async function takeFirst(url: string): Promise<void> {
  const response = await fetch(url, { headers: { range: 'bytes=0-4095' } });
  if (response.status !== 206)
    throw new Error(`${url} was answered ${response.status}: ${await response.text()}`);
  await response.arrayBuffer();
}

/** Our stores against the SDK's own calls for the same, and a page of many against a page of few. */
async function compareWithSdk(
  run: BenchRun,
  client: DynamoDBClient,
  small: DynamoTable,
  large: DynamoTable,
): Promise<Measure[]> {
  const documents = DynamoDBDocumentClient.from(client);
  const store = openDynamoAudioFileStore(large);
  const few = openDynamoAudioFileStore(small);
  const rounds = run.quick ? 5 : 101;
  const keyOf = (number: number) => audioKey('default', nameOf(number));
  const names = Array.from({ length: QUEUE }, (_, number) => nameOf(number));
  const measures: Measure[] = [];
  const compare = async (
    name: string,
    ours: () => Promise<unknown>,
    peer: () => Promise<unknown>,
    limit?: number,
  ) => {
    const times = await interleave(rounds, { ours: () => timed(ours), peer: () => timed(peer) });
    measures.push({
      name,
      ours: `${median(times.ours).toFixed(2)} ms`,
      peer: `${median(times.peer).toFixed(2)} ms`,
      value: medianRatio(times.ours, times.peer),
      ...(limit !== undefined && { target: atMost(limit) }),
    });
  };
  await compare(
    'one file’s metadata; peer: the SDK’s GetItem',
    () => store.find('default', nameOf(7)),
    () => documents.send(new GetCommand({ TableName: large.name, Key: keyOf(7), ConsistentRead: true })),
  );
  const page = (table: string) =>
    new QueryCommand({
      TableName: table,
      IndexName: 'GSI1',
      KeyConditionExpression: '#p = :p',
      ExpressionAttributeNames: { '#p': 'GSI1PK' },
      ExpressionAttributeValues: { ':p': listPartition('default') },
      Limit: PAGE,
    });
  const query = { sort: 'name', limit: PAGE } as const;
  await compare(
    `a page of ${PAGE}; peer: the SDK’s Query`,
    () => store.list('default', query),
    () => documents.send(page(large.name)),
  );
  await compare(
    `${QUEUE} records; peer: the SDK’s BatchGetItem, 10 side by side`,
    () => store.findMany('default', names),
    () =>
      Promise.all(
        Array.from({ length: QUEUE / 100 }, (_, hundred) => {
          const Keys = Array.from({ length: 100 }, (_, place) => keyOf(hundred * 100 + place));
          return documents.send(
            new BatchGetCommand({ RequestItems: { [large.name]: { Keys, ConsistentRead: true } } }),
          );
        }),
      ),
  );
  for (const sort of ['name', 'created', 'duration'] as const) {
    await compare(
      `a page by ${sort} of the large table; peer: of the small one`,
      () => store.list('default', { sort, limit: PAGE }),
      () => few.list('default', { sort, limit: PAGE }),
      1.5,
    );
  }
  return measures;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
