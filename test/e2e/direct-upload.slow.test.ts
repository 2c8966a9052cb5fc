import { createHash } from 'node:crypto';
import { ListMultipartUploadsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { call } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const PASSWORD = 'a good long password';
const LONG = new Uint8Array(makeToneWav({ seconds: 230, amplitude: 0.2, sampleRateHz: 44_100, channels: 2 }));

interface Begun {
  readonly upload_id: string;
  readonly parts: readonly { readonly number: number; readonly url: string; readonly size: number }[];
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function logIn(program: Program): Promise<Record<string, string>> {
  const json = { username: 'admin', password: PASSWORD };
  // It listens before it has its administrator, and says this after.
  await expect.poll(() => program.output.stdout, { timeout: 30_000 }).toContain('ffmpeg is ready');
  const { body } = await call(program.url, '/api/user/login', { method: 'POST', json });
  return { authorization: `Bearer ${String(body['token'])}` };
}

/** A program that listens elsewhere after a restart has its addresses there, too. */
function partUrl(url: string, before: string, now: string): string {
  return url.startsWith(before) ? now + url.slice(before.length) : url;
}

/** Sends 40 MB in parts, out of order and three at a time, over a restart; completes them twice. */
async function uploadLong(
  program: Program,
  restart: () => Promise<Program>,
): Promise<{ program: Program; headers: Record<string, string> }> {
  let headers = await logIn(program);
  const json = { filename: 'long.wav', size: LONG.length, title: 'Long' };
  const begun = await call(program.url, '/api/audio/uploads', { method: 'POST', headers, json });
  expect(begun.status).toBe(201);
  const { upload_id: id, parts } = begun.body as unknown as Begun;
  expect(parts.length).toBeGreaterThanOrEqual(5);
  expect(parts.reduce((sum, { size }) => sum + size, 0)).toBe(LONG.length);

  const startOf = (number: number) =>
    parts.filter((part) => part.number < number).reduce((sum, { size }) => sum + size, 0);
  const put = async ({ number, url, size }: Begun['parts'][number], now: string): Promise<number> => {
    const body = LONG.slice(startOf(number), startOf(number) + size);
    const answer = await fetch(partUrl(url, program.url, now), { method: 'PUT', body });
    await answer.arrayBuffer();
    return answer.status;
  };
  const backwards = parts.toReversed();
  for (const part of backwards.slice(0, 2)) expect(await put(part, program.url)).toBeLessThan(300);
  await program.kill();
  const restarted = await restart();
  headers = await logIn(restarted);
  const complete = () =>
    call(restarted.url, `/api/audio/uploads/${id}/complete`, {
      method: 'POST',
      headers: { ...headers, prefer: 'wait=30' },
    });
  const early = await complete();
  expect([early.status, early.body['code']]).toEqual([409, 'conflict']);
  const rest = await Promise.all(backwards.slice(1).map((part) => put(part, restarted.url)));
  expect(rest.every((status) => status < 300)).toBe(true);

  let first = await complete();
  // A machine that has much to do may take longer than anybody waits: then it is asked again.
  while (first.status === 202) first = await complete();
  expect([first.status, first.body]).toMatchObject([
    201,
    { filename: 'long.mp3', title: 'Long', original_size: LONG.length, original_sha256: sha256(LONG) },
  ]);
  expect(first.body['duration']).toBeCloseTo(230, 0);
  const again = await complete();
  expect([again.status, again.body]).toEqual([201, first.body]);
  const list = await call(restarted.url, '/api/audio/list', { headers });
  expect(list.body['count']).toBe(1);
  const original = await fetch(`${restarted.url}/api/audio/long.mp3?original=1`, { headers });
  expect(sha256(new Uint8Array(await original.arrayBuffer()))).toBe(sha256(LONG));
  return { program: restarted, headers };
}

describe('40 MB in parts', { timeout: 120_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let headers: Record<string, string>;

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('come into a directory', async () => {
    data = await makeDataDirectory();
    const start = () => startProgram(data.path, { ADMIN_PASSWORD: PASSWORD });
    program = await start();
    ({ program, headers } = await uploadLong(program, start));
    const audio = join(data.path, 'audio_files');
    expect(await readdir(join(audio, '.direct-uploads'))).toEqual([]);
    expect(await readdir(join(audio, 'uploads'))).toEqual([]);
    // Whoever reads the log can send no part.
    expect(program.output.stdout).toContain('/parts/1?signature=***');
    expect(program.output.stdout).not.toMatch(/signature=[^*]/);
  });

  it('leave nothing there when they are aborted', async () => {
    const json = { filename: 'other.wav', size: 5 };
    const { body } = await call(program.url, '/api/audio/uploads', { method: 'POST', headers, json });
    const { upload_id: id, parts } = body as unknown as Begun;
    const path = `/api/audio/uploads/${id}`;
    const refused = await fetch(parts[0]?.url ?? '', { method: 'PUT', body: new Uint8Array(20_000_000) });
    expect(refused.status).toBe(400);
    expect((await fetch(parts[0]?.url ?? '', { method: 'PUT', body: new Uint8Array(5) })).status).toBe(204);
    expect((await call(program.url, path, { method: 'DELETE', headers })).status).toBe(204);
    expect((await call(program.url, path, { method: 'DELETE', headers })).status).toBe(204);
    expect(await readdir(join(data.path, 'audio_files', '.direct-uploads'))).toEqual([]);
    expect(await readdir(join(data.path, 'audio_files', 'uploads'))).toEqual([]);
  });
});

describe('40 MB in parts, where audio lives in a bucket', { timeout: 120_000 }, () => {
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let headers: Record<string, string>;

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    bucket = await makeTestBucket(client);
    data = await makeDataDirectory();
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
    client.destroy();
    await s3.stop();
  });

  it('go straight there', async () => {
    const start = () =>
      startProgram(data.path, {
        ADMIN_PASSWORD: PASSWORD,
        S3_AUDIO_BUCKET: bucket,
        S3_ENDPOINT: s3.endpoint,
        S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'testtest',
        PRESIGNED_PLAYBACK: 'on',
      });
    program = await start();
    ({ program, headers } = await uploadLong(program, start));
    // No byte of them came to the program.
    expect(program.output.stdout).not.toContain('/parts/');
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: 'uploads/' }),
    );
    expect(Contents).toEqual([]);
    const open = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    expect(open.Uploads ?? []).toEqual([]);
  });

  it('are played from there, in ranges too, but in a stream', async () => {
    const url = `${program.url}/api/audio/long.mp3`;
    const answer = await fetch(url, { headers, redirect: 'manual' });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([307, 'private, no-store']);
    const location = answer.headers.get('location') ?? '';
    expect(location).toContain(s3.endpoint);
    const whole = await fetch(location);
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'audio/mpeg']);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const head = await fetch(url, { method: 'HEAD', headers, redirect: 'manual' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    const part = await fetch(url, { headers: { ...headers, range: 'bytes=1000-1999' } });
    expect([part.status, part.redirected]).toEqual([206, true]);
    expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(1000, 2000))).toBe(true);

    const json = { files: ['long.mp3'] };
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', headers, json });
    const stream = await fetch(`${program.url}/api/streams/s/stream.mp3`, { headers, redirect: 'manual' });
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
  });
});
