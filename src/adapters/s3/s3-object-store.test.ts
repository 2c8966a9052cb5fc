import { ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPieceCache } from '../../audio/piece-cache.ts';
import type { ObjectStore } from '../../domain/object-store.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../../../test/servers/s3-server.ts';
import { checkBucket } from './bucket-check.ts';
import { mapBounded } from '../../domain/map-bounded.ts';
import { presignGet } from './presigned-get.ts';
import { openS3Client } from './s3-client.ts';
import { openS3ObjectStore } from './s3-object-store.ts';

const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bytesHeld(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

let server: S3Server;
let client: S3Client;
let bucket: string;
let store: ObjectStore;
let tempDir: string;
/** Names of the commands that were sent. */
let sent: string[];

beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), 'earshot-'));
  server = await startS3();
  client = makeS3Client(server.endpoint);
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        sent.push(commandName);
        return next(args);
      },
    { step: 'initialize' },
  );
});

afterAll(async () => {
  client.destroy();
  await server.stop();
  await rm(tempDir, { recursive: true, force: true });
});

beforeEach(async () => {
  sent = [];
  bucket = await makeTestBucket(client);
  store = openS3ObjectStore({ client, bucket, tempDir });
  sent = [];
});

describe('objects in a bucket', () => {
  it('lists 1,100 keys, those of nobody left out', async () => {
    const keys = Array.from({ length: 1_100 }, (_, number) => `playable/${String(number).padStart(5, '0')}`);
    const strange = ['playable/.hidden', 'playable/0 1.mp3', 'playable//x', 'playable/ä'];
    await mapBounded([...keys, ...strange, 'other/x'], 16, (Key) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' })),
    );
    for (const limit of [1000, 700]) {
      sent = [];
      const listed: string[] = [];
      for (let page = await store.list('playable/', { limit }); ;) {
        expect(page.items.length).toBeLessThanOrEqual(limit);
        listed.push(...page.items.map(({ key }) => key));
        if (page.next === undefined) break;
        page = await store.list('playable/', { limit, after: page.next });
      }
      expect(listed).toEqual(keys);
      expect(sent.length).toBeLessThanOrEqual(8);
    }
    expect(await client.send(new ListObjectsV2Command({ Bucket: bucket }))).toMatchObject({
      IsTruncated: true,
    });
  });

  it('stores 64 MiB from a stream, in memory that does not grow with it', async () => {
    const hash = createHash('sha256');
    let mostBytes = 0;
    const body = async function* (length: number) {
      for (let index = 0; index < length; index++) {
        const chunk = new Uint8Array(64 * 1024).fill(index * 7);
        hash.update(chunk);
        if (index % 8 === 0) mostBytes = Math.max(mostBytes, bytesHeld());
        yield chunk;
      }
    };
    const before = bytesHeld();
    expect(await store.write('big', body(1024))).toMatchObject({ sizeBytes: 64 * MIB });
    expect(mostBytes - before).toBeLessThan(34 * MIB);
    expect(sent.toSorted()).toEqual(
      [
        'CompleteMultipartUploadCommand',
        'CreateMultipartUploadCommand',
        'HeadObjectCommand',
        ...Array<string>(13).fill('UploadPartCommand'),
      ].toSorted(),
    );
    const read = createHash('sha256');
    for await (const chunk of store.read('big')) read.update(chunk);
    expect(read.digest('hex')).toBe(hash.digest('hex'));
  });

  it('costs ten listeners of one hot object one set of GETs', async () => {
    const content = new Uint8Array(2 * MIB).map((_, index) => (index * 31) ^ (index >> 9));
    await store.write('playable/x.mp3', [content]);
    sent = [];
    const cache = createPieceCache(store, { maxBytes: 8 * MIB, pieceBytes: 256 * 1024 });
    const object = { key: 'playable/x.mp3', sizeBytes: content.length };
    const listen = async () => {
      const hash = createHash('sha256');
      for await (const chunk of cache.read(object, { start: 0, endExclusive: content.length }))
        hash.update(chunk);
      return hash.digest('hex');
    };
    const heard = await Promise.all(Array.from({ length: 10 }, listen));
    expect(new Set(heard)).toEqual(new Set([createHash('sha256').update(content).digest('hex')]));
    expect(sent).toEqual(Array<string>(8).fill('GetObjectCommand'));
  });

  it('costs one request for each: find, range, deletion, and page', async () => {
    await store.write('a', [new Uint8Array(5)]);
    expect(sent).toEqual(['PutObjectCommand', 'HeadObjectCommand']);
    sent = [];
    await store.find('a');
    await store.readRange('a', { start: 1, endExclusive: 3 });
    await store.list('', { limit: 1000 });
    await store.delete('a');
    expect(sent).toEqual([
      'HeadObjectCommand',
      'GetObjectCommand',
      'ListObjectsV2Command',
      'DeleteObjectCommand',
    ]);
  });

  it.each(['/', 'a', '/a/', 'a//', '../', 'ä/'])('refuses the prefix %j', (prefix) => {
    expect(() => openS3ObjectStore({ client, bucket, tempDir, prefix })).toThrow('The prefix of a bucket');
  });
});

describe('at the start', () => {
  it('accepts a bucket that is there', async () => {
    await checkBucket(client, bucket);
    expect(sent).toEqual(['ListObjectsV2Command']);
  });

  it('names a bucket that is missing', async () => {
    await expect(checkBucket(client, 'no-such-bucket-here')).rejects.toMatchObject({
      code: 'storage_unavailable',
      message:
        'The S3 bucket "no-such-bucket-here" does not exist. Create it, or correct its name, its region or its endpoint.',
    });
  });

  it.each([
    ['AccessDenied', /"b" is forbidden to these credentials\. Allow them s3:ListBucket/],
    ['CredentialsProviderError', /"b" needs credentials, and none were found\. Set AWS_ACCESS_KEY_ID/],
    ['InvalidAccessKeyId', /"b" is not open to these credentials/],
    ['PermanentRedirect', /"b" is in another region/],
    ['SomethingElse', /"b" cannot be used \(SomethingElse\)/],
  ])('says of %s what to do', async (name, message) => {
    const failing = makeS3Client(server.endpoint);
    failing.middlewareStack.add(
      () => async () => {
        throw Object.assign(new Error('As told.'), { name });
      },
      { step: 'initialize' },
    );
    await expect(checkBucket(failing, 'b')).rejects.toMatchObject({
      code: 'storage_unavailable',
      message: expect.stringMatching(message) as string,
    });
  });

  it('says when the endpoint does not answer', async () => {
    const nobody = openS3Client({
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await expect(checkBucket(nobody, 'b')).rejects.toMatchObject({
      message: expect.stringContaining('"b" cannot be used') as string,
    });
  });
});

describe('a presigned address', () => {
  it('gives the object, and ranges of it, to whoever has it', async () => {
    await store.write('playable/x.mp3', [new TextEncoder().encode('0123456789')]);
    sent = [];
    const folder = { client, bucket };
    const contentDisposition = `attachment; filename="Der _R_uber_.mp3"; filename*=UTF-8''Der%20%22R%C3%A4uber%22.mp3`;
    const address = await presignGet(folder, 'playable/x.mp3', {
      expiresInS: 60,
      contentType: 'audio/mpeg',
      contentDisposition,
    });
    const response = await fetch(address, { headers: { range: 'bytes=2-4' } });
    expect(response.status).toBe(206);
    expect(await response.text()).toBe('234');
    const { searchParams } = new URL(address);
    expect(searchParams.get('X-Amz-Expires')).toBe('60');
    expect(searchParams.get('response-content-type')).toBe('audio/mpeg');
    expect(searchParams.get('response-content-disposition')).toBe(contentDisposition);
  });

  it.each([0, -1, 1.5, 604_801])('is not valid for %d seconds', async (expiresInS) => {
    const refused = presignGet({ client, bucket }, 'a', { expiresInS, contentType: 'audio/mpeg' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('is given for keys alone', async () => {
    const refused = presignGet({ client, bucket }, '../a', { expiresInS: 1, contentType: 'audio/mpeg' });
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
  });
});
