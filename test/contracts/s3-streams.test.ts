import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { S3Client } from '@aws-sdk/client-s3';
import { openFileStreamStore } from '../../src/adapters/files/file-stream-store.ts';
import { checkConditionalWrites } from '../../src/adapters/s3/s3-stream-check.ts';
import { openS3StreamStore } from '../../src/adapters/s3/s3-stream-store.ts';
import type { Log } from '../../src/domain/log.ts';
import { makeS3Client, makeTestBucket, type S3Server } from '../servers/s3-server.ts';
import { describeStreamStoreContract } from './stream-store.contract.ts';
import { useS3 } from '../servers/use-s3.ts';

const ignore = (): void => undefined;
const silent: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };

let server: S3Server;
let client: S3Client;
let checking: S3Client;

useS3((used) => ({ server, client, checking } = used));

describeStreamStoreContract('S3', async (clock) => ({
  store: openS3StreamStore({ client, bucket: await makeTestBucket(client), clock, log: silent }),
}));
describeStreamStoreContract('S3, with checksums and without a cache, at the root', async (clock) => ({
  store: openS3StreamStore({
    client: checking,
    bucket: await makeTestBucket(checking),
    prefix: '',
    clock,
    log: silent,
    maxCachedBytes: 0,
  }),
}));

it('keeps what the directory home keeps, byte by byte and under the same names', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'earshot-'));
  const copy = await mkdtemp(join(tmpdir(), 'earshot-'));
  const bucket = await makeTestBucket(client);
  const shared = { clock: () => 1_800_000_000_000, log: silent };
  const files = await openFileStreamStore({ dir, ...shared });
  const objects = openS3StreamStore({ client, bucket, prefix: 'a/streams/', ...shared });
  const stream = { name: 'Zo', title: 'Für „dich“', playMode: 'shuffle', persistence: 'session' } as const;
  for (const tenantId of ['default', 'neighbours']) {
    const definition = {
      ...stream,
      tenantId,
      files: ['ä.mp3'],
      sessionId: 's',
      createdBy: '1',
      updatedAtMs: 1,
    };
    const { revision } = await files.save(definition);
    expect((await objects.save(definition)).revision).toBe(revision);
  }
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  expect(Contents.map(({ Key }) => Key)).toEqual([
    'a/streams/Zo.json',
    'a/streams/tenants/neighbours/Zo.json',
  ]);
  await mkdir(join(copy, 'tenants', 'neighbours'), { recursive: true });
  for (const { Key = '' } of Contents) {
    const path = Key.slice('a/streams/'.length);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    expect(Buffer.from(bytes).equals(await readFile(join(dir, path)))).toBe(true);
    await writeFile(join(copy, path), bytes);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `b/${path}`, Body: bytes }));
  }
  const copies = [
    await openFileStreamStore({ dir: copy, ...shared }),
    openS3StreamStore({ client, bucket, prefix: 'b/', ...shared }),
  ];
  for (const tenantId of ['default', 'neighbours']) {
    const original = await files.find(tenantId, 'Zo');
    for (const store of copies) {
      const found = await store.find(tenantId, 'Zo');
      expect({ ...found, storedAtMs: 0 }).toEqual({ ...original, storedAtMs: 0 });
    }
  }
  await rm(dir, { recursive: true });
  await rm(copy, { recursive: true });
});

it('finds out whether the service keeps conditions', async () => {
  const bucket = await makeTestBucket(client);
  const keeps = await checkConditionalWrites({ client, bucket, prefix: 'streams/' });
  if (server.kind === 'fauxqs') expect(keeps).toEqual({ deletes: true });
  expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).toEqual([]);

  const careless = makeS3Client(server.endpoint);
  careless.middlewareStack.add(
    (next) => async (args) => {
      const { headers } = args.request as { headers: Record<string, string> };
      delete headers['if-none-match'];
      return next(args);
    },
    { step: 'build', name: 'forgetConditions' },
  );
  await expect(checkConditionalWrites({ client: careless, bucket })).rejects.toMatchObject({
    code: 'storage_unavailable',
    message: expect.stringContaining('STREAM_STORAGE=file') as unknown,
  });
  expect((await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents ?? []).toEqual([]);
  careless.destroy();
});
