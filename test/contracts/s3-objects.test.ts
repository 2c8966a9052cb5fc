import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { S3Client } from '@aws-sdk/client-s3';
import { openS3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { makeTestBucket } from '../servers/s3-server.ts';
import { describeObjectStoreContract, type OpenObjectStore } from './object-store.contract.ts';
import { useS3 } from '../servers/use-s3.ts';

let client: S3Client;
let checking: S3Client;

useS3((used) => ({ client, checking } = used));

async function open(client: S3Client, prefix?: string): Promise<OpenObjectStore> {
  const tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  return {
    store: openS3ObjectStore({ client, bucket: await makeTestBucket(client), prefix, tempDir }),
    close: async () => {
      expect(await readdir(tempDir)).toEqual([]);
      await rm(tempDir, { recursive: true, force: true });
    },
  };
}

describeObjectStoreContract('S3', () => open(client));
describeObjectStoreContract('S3, below a prefix', () => open(client, 'home/earshot/'));
describeObjectStoreContract('S3, with checksums', () => open(checking));
