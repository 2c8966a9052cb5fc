import type { S3Client } from '@aws-sdk/client-s3';
import {} from 'vitest';
import { openS3DirectUploads } from '../../src/adapters/s3/direct-upload.ts';
import { openS3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { makeTestBucket, type S3Server } from '../servers/s3-server.ts';
import { describeDirectUploadsContract, type OpenDirectUploads } from './direct-uploads.contract.ts';
import { useS3 } from '../servers/use-s3.ts';

let server: S3Server;
let client: S3Client;
/** As with AWS's own S3. */
let checking: S3Client;

useS3((used) => ({ server, client, checking } = used));

async function open(client: S3Client, prefix: string): Promise<OpenDirectUploads> {
  const folder = { client, bucket: await makeTestBucket(client), prefix };
  return {
    uploads: openS3DirectUploads(folder),
    objects: openS3ObjectStore({ ...folder, tempDir: '/nowhere' }),
    checksNoSignatures: server.kind === 'fauxqs',
    close: async () => undefined,
  };
}

describeDirectUploadsContract('S3', () => open(client, ''));
describeDirectUploadsContract('S3, with checksums, below a prefix', () => open(checking, 'home/'));
