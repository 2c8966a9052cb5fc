import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { call, upload } from './client.ts';
import { ADMIN_PASSWORD, startFunctionHome, type FunctionHome } from './function-home.ts';
import { makeDataDirectory } from './program.ts';

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
});
