import { ListMultipartUploadsCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ObjectStore } from '../../domain/object-store.ts';
import {
  makeCheckingS3Client,
  makeTestBucket,
  startS3,
  type S3Server,
} from '../../../test/servers/s3-server.ts';
import type { BucketFolder } from './bucket-folder.ts';
import { abortDirectUpload, beginDirectUpload, completeDirectUpload } from './direct-upload.ts';
import { openS3ObjectStore } from './s3-object-store.ts';

const MIB = 1024 * 1024;

let server: S3Server;
/** As with AWS's own S3: no checksum of bytes that are yet to come may get into an address. */
let client: S3Client;
let folder: BucketFolder;
let store: ObjectStore;

beforeAll(async () => {
  server = await startS3();
  client = makeCheckingS3Client(server.endpoint);
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

beforeEach(async () => {
  folder = { client, bucket: await makeTestBucket(client), prefix: 'home/' };
  store = openS3ObjectStore({ ...folder, tempDir: '/nowhere' });
});

async function openUploads(): Promise<number> {
  return (await client.send(new ListMultipartUploadsCommand({ Bucket: folder.bucket }))).Uploads?.length ?? 0;
}

it('takes parts from whoever has their addresses, and makes the object of them', async () => {
  // fauxqs takes no body of more than 11 MiB.
  const sizeBytes = 6 * MIB;
  const upload = await beginDirectUpload(folder, 'uploads/x', { sizeBytes, expiresInS: 600 });
  expect(upload.parts).toMatchObject([{ number: 1, sizeBytes }]);
  const { searchParams } = new URL(upload.parts[0]?.url ?? '');
  expect(searchParams.get('X-Amz-Expires')).toBe('600');
  expect(searchParams.get('X-Amz-SignedHeaders')).toBe('content-length;host');
  expect([...searchParams.keys()].filter((name) => name.includes('checksum'))).toEqual([]);

  await expect(completeDirectUpload(folder, 'uploads/x', upload.uploadId, sizeBytes)).rejects.toMatchObject({
    code: 'conflict',
  });
  for (const { url } of upload.parts) {
    expect((await fetch(url ?? '', { method: 'PUT', body: new Uint8Array(sizeBytes).fill(7) })).status).toBe(
      200,
    );
  }
  expect(await store.find('uploads/x')).toBeNull();
  await completeDirectUpload(folder, 'uploads/x', upload.uploadId, sizeBytes);
  expect(await store.find('uploads/x')).toMatchObject({ sizeBytes });
  await expect(completeDirectUpload(folder, 'uploads/x', upload.uploadId, sizeBytes)).rejects.toMatchObject({
    code: 'not_found',
  });
});

it('cuts what is long into parts, as large as their number asks for', async () => {
  const hour = { expiresInS: 3600 };
  const { parts } = await beginDirectUpload(folder, 'uploads/x', { ...hour, sizeBytes: 40 * MIB + 1 });
  expect(parts.map(({ number, sizeBytes }) => [number, sizeBytes])).toEqual([
    [1, 8 * MIB],
    [2, 8 * MIB],
    [3, 8 * MIB],
    [4, 8 * MIB],
    [5, 8 * MIB],
    [6, 1],
  ]);
  await expect(
    beginDirectUpload(folder, 'uploads/x', { ...hour, sizeBytes: 60_000 * 1024 ** 3 }),
  ).rejects.toMatchObject({ code: 'too_large' });
  for (const bad of [{ sizeBytes: 0 }, { sizeBytes: 1.5 }, { sizeBytes: 1, expiresInS: 604_801 }]) {
    await expect(beginDirectUpload(folder, 'uploads/x', { ...hour, ...bad })).rejects.toMatchObject({
      code: 'invalid_input',
    });
  }
});

it('is aborted, once or twice', async () => {
  const { uploadId } = await beginDirectUpload(folder, 'uploads/x', { sizeBytes: 5, expiresInS: 60 });
  expect(await openUploads()).toBe(1);
  await abortDirectUpload(folder, 'uploads/x', uploadId);
  await abortDirectUpload(folder, 'uploads/x', uploadId);
  expect(await openUploads()).toBe(0);
});
