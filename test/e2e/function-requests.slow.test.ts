import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCountingProxy, type CountingProxy } from '../../bench/harness/counting-proxy.ts';
import { makeToneWav } from '../made-audio.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { call, upload } from './client.ts';
import { ADMIN_PASSWORD, startFunctionHome, type FunctionHome } from './function-home.ts';
import { makeDataDirectory } from './program.ts';

interface Counted {
  readonly dynamodb: readonly string[];
  readonly s3: readonly string[];
}

/** What one answer costs at AWS, where each request is billed: counted on the wire, also what is tried again. */
describe.skipIf(dynamoDbKind === 'dynalite')('one range of a stream', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let home: FunctionHome;
  let dynamodb: CountingProxy;
  let s3: CountingProxy;
  let token: string;

  beforeAll(async () => {
    data = await makeDataDirectory();
    home = await startFunctionHome({
      dataDir: data.path,
      services: async (direct) => {
        dynamodb = await startCountingProxy(direct.dynamodb);
        s3 = await startCountingProxy(direct.s3);
        return { dynamodb: dynamodb.endpoint, s3: s3.endpoint };
      },
    });
    const json = { username: 'admin', password: ADMIN_PASSWORD };
    const { body } = await call(home.url, '/api/user/login', { method: 'POST', json });
    const headers = { authorization: `Bearer ${String(body['token'])}` };
    const names: unknown[] = [];
    for (const seconds of [40, 50]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));
      names.push((await upload(home.url, `tone-${seconds}.wav`, wav, { headers })).body['filename']);
    }
    const files = Array.from({ length: 40 }, (_, index) => names[index % 2]);
    const queued = await call(home.url, '/api/streams/s/queue', { method: 'PUT', json: { files }, headers });
    expect(queued.status).toBe(201);
    const link = await call(home.url, '/api/streams/s/links', { method: 'POST', json: {}, headers });
    token = String(link.body['token']);
  });

  afterAll(async () => {
    await home.stop();
    await dynamodb.close();
    await s3.close();
    await data.remove();
  });

  const count = async (range: string): Promise<Counted> => {
    let ofS3: string[] = [];
    const ofDynamoDb = await dynamodb.requestsOf(async () => {
      ofS3 = await s3.requestsOf(async () => {
        const url = `${home.url}/api/streams/s/stream.mp3?token=${token}`;
        const response = await fetch(url, { headers: { range } });
        expect(response.status).toBe(206);
        expect((await response.arrayBuffer()).byteLength).toBe(400_000);
      });
    });
    return { dynamodb: ofDynamoDb, s3: ofS3 };
  };

  it('costs at most three requests of DynamoDB and two of S3 in a process that has just started', async () => {
    for (const range of ['bytes=0-399999', 'bytes=3000000-3399999']) {
      await home.http.forgetWarm();
      const { dynamodb: ofDynamoDb, s3: ofS3 } = await count(range);
      expect.soft(ofDynamoDb.length, `${range}: ${ofDynamoDb.join(' ')}`).toBeLessThanOrEqual(3);
      expect.soft(ofS3.length, range).toBeLessThanOrEqual(2);
    }
  });

  it('costs one look, at who asks, the definition and the library, in a process that has answered one', async () => {
    await count('bytes=0-399999');
    const { dynamodb: ofDynamoDb, s3: ofS3 } = await count('bytes=100000-499999');
    // All three together: an edit is heard by the next request.
    expect(ofDynamoDb).toEqual(['BatchGetItem']);
    expect(ofS3).toEqual([]);
  });
});
