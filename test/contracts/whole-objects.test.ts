import { HeadObjectCommand, ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../src/adapters/memory/memory-object-store.ts';
import { createMemoryWholeObjects } from '../../src/adapters/memory/memory-whole-objects.ts';
import { openS3ObjectStore } from '../../src/adapters/s3/s3-object-store.ts';
import { openS3WholeObjects } from '../../src/adapters/s3/whole-objects.ts';
import { makeTestBucket } from '../servers/s3-server.ts';
import { useS3 } from '../servers/use-s3.ts';
import { describeWholeObjectsContract } from './whole-objects.contract.ts';

let client: S3Client;
useS3((used) => ({ client } = used));

describeWholeObjectsContract('memory', async () => {
  const objects = createMemoryObjectStore();
  return { wholeObjects: createMemoryWholeObjects(objects), objects, countOpenUploads: async () => null };
});

describeWholeObjectsContract('S3', async () => {
  const folder = { client, bucket: await makeTestBucket(client), prefix: 'home/' };
  return {
    wholeObjects: openS3WholeObjects(folder),
    objects: openS3ObjectStore({ ...folder, tempDir: '/nowhere' }),
    async countOpenUploads() {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: folder.bucket }));
      return Uploads.length;
    },
  };
});

it('tell what stands before the bucket our entity tag, and play as what they are', async () => {
  const folder = { client, bucket: await makeTestBucket(client) };
  const wholeObjects = openS3WholeObjects(folder);
  const bytes = Buffer.from('all of it');
  await wholeObjects.make(
    {
      key: 'made/abc.mp3',
      sizeBytes: bytes.length,
      etag: 'abc',
      contentType: 'audio/mpeg',
      segments: [{ start: 0, endExclusive: bytes.length }],
      async *read(start, endExclusive) {
        yield bytes.subarray(start, endExclusive);
      },
    },
    new AbortController().signal,
  );
  const head = await client.send(new HeadObjectCommand({ Bucket: folder.bucket, Key: 'made/abc.mp3' }));
  expect(head).toMatchObject({ ContentType: 'audio/mpeg', Metadata: { etag: 'abc' } });
  const url = await wholeObjects.presign('made/abc.mp3', { expiresInS: 60, contentType: 'audio/mpeg' });
  const part = await fetch(url, { headers: { range: 'bytes=4-5' } });
  expect([part.status, await part.text()]).toEqual([206, 'of']);
});
