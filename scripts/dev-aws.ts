// The AWS home on a laptop: a DynamoDB and an S3 on loopback, in memory, and the server on top of them, until Ctrl+C.
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { startDynamoDb } from '../test/servers/dynamodb-server.ts';
import { makeS3Client, startS3 } from '../test/servers/s3-server.ts';

const root = resolve(import.meta.dirname, '..');
const BUCKET = 'earshot-dev-audio';

const say = (text: string): void => {
  process.stdout.write(`dev:aws: ${text}\n`);
};

const dynamoDb = await startDynamoDb(process.env);
if (dynamoDb.kind === 'dynalite') {
  await dynamoDb.stop();
  say(
    'needs Java for DynamoDB Local (dynalite, which needs none, knows no transactions): install a JRE, or name a',
  );
  say('running one with DYNAMODB_ENDPOINT.');
  process.exit(1);
}
const s3 = await startS3();
const environment: NodeJS.ProcessEnv = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'testtest',
  AWS_REGION: 'us-east-1',
  DYNAMODB_TABLE: 'earshot-dev',
  DATA_DIR: join(root, '.cache', 'dev-aws'),
  ...process.env,
  DYNAMODB_ENDPOINT: dynamoDb.endpoint,
  S3_ENDPOINT: s3.endpoint,
  S3_FORCE_PATH_STYLE: 'true',
  S3_AUDIO_BUCKET: process.env['S3_AUDIO_BUCKET'] ?? BUCKET,
};

async function runEarshot(script: string, ...args: string[]): Promise<number> {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    env: environment,
    stdio: 'inherit',
  });
  // The terminal sends Ctrl+C to all of us; whoever sends a signal to this process alone means the server too.
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, passOn);
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, passOn);
  return code ?? 1;
}

const client = makeS3Client(s3.endpoint);
try {
  await client.send(new CreateBucketCommand({ Bucket: environment['S3_AUDIO_BUCKET'] }));
  say(`DynamoDB at ${dynamoDb.endpoint}, S3 at ${s3.endpoint}; all of it ends with this command`);
  process.exitCode = await runEarshot('bin/earshot.js', 'tables', 'create');
  if (process.exitCode === 0) process.exitCode = await runEarshot('src/entry/server.ts');
} finally {
  client.destroy();
  await s3.stop();
  await dynamoDb.stop();
}
