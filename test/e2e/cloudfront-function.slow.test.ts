import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { makeRsaKeys } from '../servers/cloudfront-keys.ts';
import { startCloudFront, type CloudFrontStandIn } from '../servers/cloudfront-stand-in.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { call, uploadDirectly } from './client.ts';
import { ADMIN_PASSWORD, startFunctionHome, type FunctionHome } from './function-home.ts';
import { makeDataDirectory } from './program.ts';

const KEY_PAIR_ID = 'K2JCJMDEHXQW5F';
const { publicKey, privateKey } = makeRsaKeys();

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a function whose bucket is behind CloudFront', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let cloudFront: CloudFrontStandIn | undefined;
  let home: FunctionHome;

  beforeAll(async () => {
    data = await makeDataDirectory();
    home = await startFunctionHome({
      dataDir: data.path,
      environment: { RESPONSE_LIMIT_MB: '0.25' },
      cloudFront: {
        start: async (client, bucket) =>
          (cloudFront = await startCloudFront(client, bucket, { keyPairId: KEY_PAIR_ID, publicKey })),
        keyPairId: KEY_PAIR_ID,
        privateKey,
      },
    });
  }, 240_000);

  afterAll(async () => {
    await home.stop();
    await cloudFront?.stop();
    await data.remove();
  });

  it('signs with the key of the secret store, and says nothing of it', async () => {
    const json = { username: 'admin', password: ADMIN_PASSWORD };
    const { body } = await call(home.url, '/api/user/login', { method: 'POST', json });
    const headers = { authorization: `Bearer ${String(body['token'])}` };
    const wav = new Uint8Array(makeToneWav({ seconds: 40, amplitude: 0.2, sampleRateHz: 16_000 }));
    const uploaded = await uploadDirectly(home.url, 'tone.wav', wav, { headers });
    expect([uploaded.status, uploaded.body['detail']]).toEqual([201, undefined]);
    const files = ['tone.mp3', 'tone.mp3'];
    await call(home.url, '/api/streams/s/queue', { method: 'PUT', json: { files }, headers });

    const url = `${home.url}/api/streams/s/stream.mp3`;
    const head = await fetch(url, { method: 'HEAD', headers });
    const led = await fetch(url, { headers, redirect: 'manual' });
    expect(led.status).toBe(307);
    const address = led.headers.get('location') ?? '';
    expect(address.startsWith(`${String(cloudFront?.url)}/made/`)).toBe(true);
    const there = await fetch(address);
    expect([there.status, there.headers.get('etag')]).toEqual([200, head.headers.get('etag')]);
    const whole = Buffer.from(await there.arrayBuffer());
    expect(whole.length).toBe(Number(head.headers.get('content-length')));
    const range = await fetch(url, { headers: { ...headers, range: 'bytes=600000-700000' } });
    expect(Buffer.from(await range.arrayBuffer()).equals(whole.subarray(600_000, 700_001))).toBe(true);
    const [, line = ''] = privateKey.split('\n');
    expect(line.length).toBeGreaterThan(40);
    expect(home.http.log).not.toContain(line);
    expect(home.functionUrl.failures).toEqual([]);
  });
});
