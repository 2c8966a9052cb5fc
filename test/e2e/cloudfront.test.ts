import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { makeEcdsaKeys } from '../servers/cloudfront-keys.ts';
import { startCloudFront, type CloudFrontStandIn } from '../servers/cloudfront-stand-in.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startServer, type Program } from './program.ts';

const STREAM = '/api/streams/s/stream.mp3';
const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';
const { publicKey, privateKey } = makeEcdsaKeys();

describe('a home whose bucket is behind CloudFront', () => {
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let cloudFront: CloudFrontStandIn;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let environment: Record<string, string>;
  let whole: Buffer;
  let etag: string;

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    const bucket = await makeTestBucket(client);
    cloudFront = await startCloudFront(client, bucket, { keyPairId: KEY_PAIR_ID, publicKey });
    data = await makeDataDirectory();
    environment = {
      AUTH: 'off',
      S3_AUDIO_BUCKET: bucket,
      S3_ENDPOINT: s3.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'testtest',
      CLOUDFRONT_URL: cloudFront.url,
      CLOUDFRONT_KEY_PAIR_ID: KEY_PAIR_ID,
      CLOUDFRONT_PRIVATE_KEY: privateKey,
      LOG_LEVEL: 'trace',
    };
    program = await startServer(data.path, environment);
    const files: unknown[] = [];
    for (const seconds of [20, 40, 30]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));
      const { status, body } = await upload(program.url, `tön ${seconds}.wav`, wav);
      expect([status, body['detail']]).toEqual([201, undefined]);
      files.push(body['filename']);
    }
    const queue = '/api/streams/s/queue';
    expect((await call(program.url, queue, { method: 'PUT', json: { files } })).status).toBe(201);
    // What it is, from where nothing bounds an answer; then from where more than a quarter of a megabyte is too much.
    const unbounded = await fetch(program.url + STREAM);
    whole = Buffer.from(await unbounded.arrayBuffer());
    etag = unbounded.headers.get('etag') ?? '';
    expect(whole.length).toBeGreaterThan(1_000_000);
    await program.stop();
    program = await startServer(data.path, {
      ...environment,
      RESPONSE_LIMIT_MB: '0.25',
      PRESIGNED_PLAYBACK: 'on',
    });
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
    await cloudFront.stop();
    client.destroy();
    await s3.stop();
  });

  async function addressOf(path: string): Promise<string> {
    const led = await fetch(program.url + path, { redirect: 'manual' });
    expect([led.status, led.headers.get('cache-control')]).toEqual([307, 'private, no-store']);
    const address = led.headers.get('location') ?? '';
    expect(address.startsWith(`${cloudFront.url}/`)).toBe(true);
    return address;
  }

  it('plays a stream beyond the limit through the redirect, to the byte, under its entity tag', async () => {
    const response = await fetch(program.url + STREAM);
    expect([response.status, response.redirected]).toEqual([200, true]);
    expect(response.url.startsWith(`${cloudFront.url}/made/`)).toBe(true);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('etag')).toBe(etag);
    expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
    expect(cloudFront.answered.at(-1)).toMatch(/^GET \/made\/[\w-]+\.mp3 200$/);
  });

  it('answers ranges, and lets whoever has the beginning from here go on there, and the other way round', async () => {
    const address = await addressOf(STREAM);
    for (const start of [0, 500_000, whole.length - 10]) {
      const end = Math.min(whole.length, start + 100_000) - 1;
      const headers = { range: `bytes=${start}-${end}`, 'if-range': etag };
      const part = await fetch(address, { headers });
      expect([part.status, part.headers.get('etag')]).toEqual([206, etag]);
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end}/${whole.length}`);
      expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(start, end + 1))).toBe(true);
      const here = await fetch(program.url + STREAM, { headers });
      expect([here.status, here.url.startsWith(program.url)]).toEqual([206, true]);
      expect(Buffer.from(await here.arrayBuffer()).equals(whole.subarray(start, end + 1))).toBe(true);
    }
    const known = await fetch(address, { headers: { 'if-none-match': etag } });
    expect([known.status, known.headers.get('etag')]).toEqual([304, etag]);
    const matching = await fetch(address, { headers: { 'if-match': etag, range: 'bytes=0-9' } });
    expect(matching.status).toBe(206);
    const head = await fetch(address, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(whole.length)]);
    const stale = await fetch(address, { headers: { range: 'bytes=0-9', 'if-range': '"another"' } });
    expect([stale.status, (await stale.arrayBuffer()).byteLength]).toEqual([200, whole.length]);
  });

  it('names a download as the program does', async () => {
    for (const query of ['', '?download=1', '?original=1', '?original=1&download=1']) {
      const path = `/api/audio/${encodeURIComponent('tön 40.mp3')}${query}`;
      const here = await fetch(program.url + path, { method: 'HEAD' });
      expect(here.status).toBe(200);
      const there = await fetch(await addressOf(path));
      expect([query, there.status]).toEqual([query, 200]);
      for (const name of ['content-type', 'content-length', 'content-disposition'])
        expect([name, there.headers.get(name)]).toEqual([name, here.headers.get(name)]);
      expect((await there.arrayBuffer()).byteLength).toBe(Number(here.headers.get('content-length')));
      if (!query.includes('original')) expect(there.headers.get('etag')).toBe(here.headers.get('etag'));
    }
  });

  it('opens nothing by an address that was changed', async () => {
    const address = await addressOf(STREAM);
    const changes = [
      address.replace('audio%2Fmpeg', 'text%2Fhtml'),
      address.replace(/Expires=\d/, 'Expires=9'),
      address.replace('/made/', '/made/x'),
      address.split('?')[0] ?? '',
    ];
    expect(new Set(changes).size).toBe(4);
    expect(changes).not.toContain(address);
    for (const changed of changes) expect((await fetch(changed)).status).toBe(403);
    expect((await fetch(address, { method: 'PUT', body: 'x' })).status).toBe(405);
  });

  it('keeps its key to itself', async () => {
    const { stdout, stderr } = program.output;
    const [, line = ''] = privateKey.split('\n');
    expect(line.length).toBeGreaterThan(40);
    expect(stdout.length).toBeGreaterThan(100);
    expect(stdout + stderr).not.toContain(line);
    expect(stdout + stderr).not.toContain('Signature=');
  });

  it('does not start with half of it', async () => {
    const { CLOUDFRONT_PRIVATE_KEY: _, ...half } = environment;
    const started = await startServer(data.path, half).catch((error: unknown) => String(error));
    expect(started).toContain('CLOUDFRONT_PRIVATE_KEY');
    expect(started).toContain('belong together');
  });
});
