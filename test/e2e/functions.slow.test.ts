import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { call, upload, uploadDirectly } from './client.ts';
import { ADMIN_PASSWORD, startFunctionHome, type FunctionHome } from './function-home.ts';
import { makeDataDirectory } from './program.ts';

/** Of a function that has to start first: shorter than any track, longer than a busy machine takes. */
const FIRST_BYTE_MS = 15_000;

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('the HTTP interface in a function', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let home: FunctionHome;
  let headers: Record<string, string>;

  beforeAll(async () => {
    data = await makeDataDirectory();
    home = await startFunctionHome({ dataDir: data.path });
  });

  afterAll(async () => {
    await home.stop();
    await data.remove();
  });

  it('starts, and lets its administrator in by the password of the secret store', async () => {
    expect((await call(home.url, '/health')).status).toBe(200);
    const json = { username: 'admin', password: ADMIN_PASSWORD };
    const { status, body } = await call(home.url, '/api/user/login', { method: 'POST', json });
    expect(status).toBe(200);
    headers = { authorization: `Bearer ${String(body['token'])}` };
    expect(home.http.log).not.toContain(ADMIN_PASSWORD);
    expect((await call(home.url, '/ready')).body).toMatchObject({ status: 'ready' });
  });

  it('takes audio in, and plays it', async () => {
    const names: unknown[] = [];
    for (const seconds of [20, 30]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));
      const { status, body } = await upload(home.url, `tone-${seconds}.wav`, wav, { headers });
      expect([status, body['detail']]).toEqual([201, undefined]);
      names.push(body['filename']);
    }
    const queue = '/api/streams/s/queue';
    expect((await call(home.url, queue, { method: 'PUT', json: { files: names }, headers })).status).toBe(
      201,
    );
    const response = await fetch(`${home.url}/api/streams/s/stream.mp3`, { headers });
    expect(response.status).toBe(200);
    const whole = Buffer.from(await response.arrayBuffer());
    expect(whole.length).toBe(Number(response.headers.get('content-length')));
    const range = await fetch(`${home.url}/api/streams/s/stream.mp3`, {
      headers: { ...headers, range: 'bytes=1000-400999' },
    });
    expect(range.status).toBe(206);
    expect(Buffer.from(await range.arrayBuffer()).equals(whole.subarray(1000, 401_000))).toBe(true);
    expect(home.functionUrl.failures).toEqual([]);
  });

  it('sends whoever wants more than one answer may have to the bucket, under the entity tag of the stream', async () => {
    // 19 minutes: more than 6 MB, beside what the first tracks have.
    const wav = new Uint8Array(makeToneWav({ seconds: 600, amplitude: 0.2, sampleRateHz: 16_000 }));
    const uploaded = await uploadDirectly(home.url, 'long.wav', wav, { headers });
    expect([uploaded.status, uploaded.body['detail']]).toEqual([201, undefined]);
    const json = { files: ['tone-20.mp3', 'long.mp3', 'tone-30.mp3'] };
    await call(home.url, '/api/streams/long/queue', { method: 'PUT', json, headers });
    const url = `${home.url}/api/streams/long/stream.mp3`;
    const head = await fetch(url, { method: 'HEAD', headers });
    const totalBytes = Number(head.headers.get('content-length'));
    expect(totalBytes).toBeGreaterThan(9_000_000);

    const led = await fetch(url, { headers, redirect: 'manual' });
    expect([led.status, led.headers.get('etag')]).toEqual([307, head.headers.get('etag')]);
    const response = await fetch(led.headers.get('location') ?? '');
    const whole = Buffer.from(await response.arrayBuffer());
    expect(whole.length).toBe(totalBytes);
    expect(response.headers.get('x-amz-meta-etag')).toBe(head.headers.get('etag')?.slice(1, -1));
    for (const start of [0, 330_000, 8_000_000]) {
      const range = `bytes=${start}-${start + 999_999}`;
      const piece = await fetch(url, { headers: { ...headers, range } });
      expect(piece.status).toBe(206);
      expect(Buffer.from(await piece.arrayBuffer()).equals(whole.subarray(start, start + 1_000_000))).toBe(
        true,
      );
    }
    // Whoever goes on here, and read the beginning there.
    const goesOn = {
      ...headers,
      range: 'bytes=9000000-9000009',
      'if-range': response.headers.get('etag') ?? '',
    };
    expect((await fetch(url, { headers: goesOn })).status).toBe(206);
    // A file is an object already.
    const file = await fetch(`${home.url}/api/audio/long.mp3`, { headers, redirect: 'manual' });
    expect(file.status).toBe(307);
    expect(file.headers.get('location')).toContain('/playable/');
  });

  it('tells how an upload comes that is larger than an event may be', async () => {
    const response = await upload(home.url, 'large.wav', new Uint8Array(5 * 1024 * 1024), { headers }).catch(
      (error: unknown) => error,
    );
    // The platform's own answer, before any function is asked.
    expect(response).toMatchObject({ status: 413 });
  });

  it('ends an endless stream with a track, in time', async () => {
    await home.http.forgetWarm();
    const url = `${home.url}/api/streams/s/stream.mp3?play_mode=loop`;
    const begin = performance.now();
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(FIRST_BYTE_MS) }).catch(
      () => null,
    );
    expect(response?.status).toBe(200);
    expect(performance.now() - begin).toBeLessThan(FIRST_BYTE_MS);
    await response?.body?.cancel().catch(() => undefined);
  });

  it('does nothing between two invocations: no time of the processor, no new connection', async () => {
    await home.stop();
    home = await startFunctionHome({ dataDir: data.path, freezes: false });
    const json = { username: 'admin', password: ADMIN_PASSWORD };
    const { body } = await call(home.url, '/api/user/login', { method: 'POST', json });
    headers = { authorization: `Bearer ${String(body['token'])}` };
    await call(home.url, '/api/audio/list', { headers });
    await call(home.url, '/ready');
    const [process] = home.http.processes;
    // What an answer leaves to the next turn of the loop.
    await setTimeout(1000);
    const before = usageOf(process?.pid ?? 0);
    await setTimeout(5000);
    const after = usageOf(process?.pid ?? 0);
    // In hundredths of a second.
    expect(after.processorTicks - before.processorTicks).toBeLessThanOrEqual(1);
    expect(after.sockets - before.sockets).toBeLessThanOrEqual(0);
  });
});

/** Linux alone tells. */
function usageOf(pid: number): { processorTicks: number; sockets: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const sockets = readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // Closed since.
      return false;
    }
  });
  return { processorTicks: Number(fields[11]) + Number(fields[12]), sockets: sockets.length };
}
