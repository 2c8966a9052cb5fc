import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const STREAM = '/api/streams/s/stream.mp3';

describe('a home whose audio lives in a bucket', () => {
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  const environment = (name: string) => ({
    AUTH: 'off',
    S3_AUDIO_BUCKET: name,
    S3_ENDPOINT: s3.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testtest',
  });

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    bucket = await makeTestBucket(client);
    data = await makeDataDirectory();
    program = await startProgram(data.path, environment(bucket));
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
    client.destroy();
    await s3.stop();
  });

  const listKeys = async () => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };

  it('takes audio in, and plays it whole and in ranges', async () => {
    const names: unknown[] = [];
    for (const seconds of [20, 30]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));
      const { status, body } = await upload(program.url, `tone-${seconds}.wav`, wav);
      expect(status).toBe(201);
      names.push(body['filename']);
    }
    const queued = await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files: names } });
    expect(queued.status).toBe(201);
    const keys = await listKeys();
    expect(keys.filter((key) => key.startsWith('playable/'))).toHaveLength(2);
    expect(keys.filter((key) => key.startsWith('originals/'))).toHaveLength(2);

    const response = await fetch(program.url + STREAM);
    const whole = Buffer.from(await response.arrayBuffer());
    expect(whole.length).toBe(Number(response.headers.get('content-length')));
    expect(whole.length).toBeGreaterThan(49 * 16_000);
    for (const start of [0, 300_000, whole.length - 10]) {
      const end = Math.min(whole.length, start + 50_000) - 1;
      const part = await fetch(program.url + STREAM, { headers: { range: `bytes=${start}-${end}` } });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(start, end + 1))).toBe(true);
    }
    // Nothing is kept here but the database and the definitions.
    expect(await readdir(data.path)).not.toContain('audio_files');
    expect((await call(program.url, '/ready')).body).toMatchObject({ status: 'ready' });
  });

  it('names a part that has gone from the bucket, and never fills its place', async () => {
    const gone = (await listKeys()).filter((key) => key.startsWith('playable/'));
    await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: gone.map((Key) => ({ Key })) } }),
    );
    await program.stop();
    program = await startProgram(data.path, environment(bucket));
    const response = await call(program.url, STREAM);
    expect(response.status).toBe(409);
    expect(response.body).toMatchObject({ code: 'missing_part' });
    expect(JSON.stringify(response.body)).toContain('tone-20.mp3');
  });

  it('does not start without its bucket, and says what to do', async () => {
    const other = await makeDataDirectory();
    const starting = startProgram(other.path, environment('no-such-bucket'));
    await expect(starting).rejects.toThrow(/S3 bucket "no-such-bucket" does not exist\. Create it/);
    await other.remove();
  });
});
