import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeReady, openLibraryApp, type LibraryApp } from '../../../test/library-app.ts';
import { audioFile } from '../../../test/sample-records.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../../../test/servers/s3-server.ts';
import { presignGet } from '../../adapters/s3/presigned-get.ts';
import { openS3ObjectStore } from '../../adapters/s3/s3-object-store.ts';

const BYTES = Buffer.from('0123456789abcdef');

let server: S3Server;
let client: S3Client;
let test: LibraryApp;

beforeAll(async () => {
  server = await startS3();
  client = makeS3Client(server.endpoint);
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

beforeEach(async () => {
  const folder = { client, bucket: await makeTestBucket(client) };
  test = await openLibraryApp({
    objects: openS3ObjectStore({ ...folder, tempDir: '/nowhere' }),
    presignGet: (key, options) => presignGet(folder, key, options),
  });
  const record = audioFile('a.mp3', { originalFilename: 'Größe "1".wav' });
  await test.ports.audioFiles.create(await makeReady(test.ports, record, BYTES));
});
afterEach(() => test.close());

async function play(path: string, method: 'GET' | 'HEAD' = 'GET', headers: Record<string, string> = {}) {
  const { token } = await test.addUser(`user-${Math.random()}`);
  return test.request(method, `/api/audio/${path}`, { token, headers });
}

async function follow(path: string, headers: Record<string, string> = {}) {
  const answer = await play(path, 'GET', headers);
  expect([answer.statusCode, answer.body]).toEqual([307, '']);
  expect(answer.headers['cache-control']).toBe('private, no-store');
  const url = String(answer.headers['location']);
  expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe('3600');
  const read = await fetch(url, { headers });
  return { read, text: await read.text() };
}

it.each(['a.mp3', 'a.mp3?original=1', 'a.mp3?download=1', 'a.mp3?original=1&download=1'])(
  'of %s is the same from the bucket as from here',
  async (path) => {
    const { read, text } = await follow(path);
    const head = await play(path, 'HEAD');
    expect([read.status, text]).toEqual([200, BYTES.toString()]);
    expect(head.statusCode).toBe(200);
    for (const name of ['content-type', 'content-length'])
      expect(read.headers.get(name)).toBe(head.headers[name]);
    expect(read.headers.get('content-disposition') ?? undefined).toBe(head.headers['content-disposition']);
  },
);

it('takes ranges along', async () => {
  const { read, text } = await follow('a.mp3', { range: 'bytes=10-12' });
  expect([read.status, text, read.headers.get('content-range')]).toEqual([206, 'abc', 'bytes 10-12/16']);
});

it('answers itself what has no object of its own, and HEAD', async () => {
  const head = await play('a.mp3', 'HEAD');
  expect([head.statusCode, head.headers['content-length']]).toEqual([200, '16']);
  expect((await play('a.mp3?from=0')).statusCode).toBe(200);
});

it('gives no address to whoever may not listen, nor of what is not there', async () => {
  expect((await test.request('GET', '/api/audio/a.mp3')).statusCode).toBe(401);
  expect((await play('b.mp3')).statusCode).toBe(404);
  const file = await test.ports.audioFiles.find('default', 'a.mp3');
  await test.ports.objects.delete(file?.part?.key ?? '');
  const answer = await play('a.mp3');
  expect([answer.statusCode, answer.json()]).toMatchObject([409, { code: 'missing_part' }]);
});

it('never sends a stream elsewhere', async () => {
  const { token } = await test.addUser('anna');
  await test.request('PUT', '/api/streams/s/queue', { token, body: { files: ['a.mp3'] } });
  const answer = await test.request('GET', '/api/streams/s/stream.mp3', { token });
  expect(answer.statusCode).toBe(200);
});
