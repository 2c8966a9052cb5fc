import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openS3Client } from '../../src/adapters/s3/s3-client.ts';

/** An S3 that speaks the wire protocol over loopback. */
export interface S3Server {
  readonly endpoint: string;
  readonly kind: 'running' | 'fauxqs';
  stop(): Promise<void>;
}

/** The one that `S3_ENDPOINT` names, else fauxqs. */
export async function startS3(environment: NodeJS.ProcessEnv = process.env): Promise<S3Server> {
  const running = environment['S3_ENDPOINT'];
  if (running !== undefined && running !== '') {
    return { endpoint: running, kind: 'running', stop: async () => undefined };
  }
  const child = spawn(process.execPath, [join(import.meta.dirname, 's3-fauxqs.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const port = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line').then(([line]) => Number(line)),
    once(child, 'exit').then(() => Promise.reject(new Error('fauxqs does not start.'))),
  ]);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    kind: 'fauxqs',
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Whatever the environment of the tests says: no credentials of a person, and never a service of theirs. */
export const makeS3Client = (endpoint: string): S3Client =>
  openS3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
  });

/** As a client of AWS's own S3 is by default: checksums go with what is written, and what is read is checked. */
export const makeCheckingS3Client = (endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'testtest' },
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
  });

/** A bucket of one test's own. */
export async function makeTestBucket(client: S3Client): Promise<string> {
  const bucket = `earshot-test-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return bucket;
}
