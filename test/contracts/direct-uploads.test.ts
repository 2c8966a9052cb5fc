import type { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openDirectoryDirectUploads } from '../../src/adapters/files/directory-direct-upload.ts';
import { openDirectoryObjectStore } from '../../src/adapters/files/directory-object-store.ts';
import { createMemoryDirectUploads } from '../../src/adapters/memory/memory-direct-uploads.ts';
import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { openS3DirectUploads } from '../../src/adapters/s3/direct-upload.ts';
import { openS3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { makeCheckingS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { describeDirectUploadsContract } from './direct-uploads.contract.ts';

let server: S3Server;
let client: S3Client;

beforeAll(async () => {
  server = await startS3();
  client = makeCheckingS3Client(server.endpoint);
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

describeDirectUploadsContract('memory', async () => {
  const objects = createMemoryObjectStore();
  return { uploads: createMemoryDirectUploads(objects), objects, close: async () => undefined };
});

describeDirectUploadsContract('directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'earshot-'));
  const objects = await openDirectoryObjectStore({ root });
  return {
    uploads: openDirectoryDirectUploads({ root, objects }),
    objects,
    close: () => rm(root, { recursive: true, force: true }),
  };
});

describeDirectUploadsContract('S3', async () => {
  const folder = { client, bucket: await makeTestBucket(client), prefix: 'home/' };
  return {
    uploads: openS3DirectUploads(folder),
    objects: openS3ObjectStore({ ...folder, tempDir: '/nowhere' }),
    checksNoSignatures: server.kind === 'fauxqs',
    close: async () => undefined,
  };
});
