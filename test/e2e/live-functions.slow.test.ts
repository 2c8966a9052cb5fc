import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { call } from './client.ts';
import { ADMIN_PASSWORD } from './function-home.ts';
import { createLiveFunctionClient, type Headers } from './live-function-client.ts';
import { startLiveFunctionHome, type LiveFunctionHome } from './live-function-home.ts';
import { makeDataDirectory } from './program.ts';

const LEASE_MS = 30_000;
/** What became due rings the bell after 10 s, once the sweep comes by, and a worker begins cold. */
const START_MS = 25_000;

// dynalite has neither transactions nor streams.
describe.skipIf(dynamoDbKind === 'dynalite')('live work in functions', { timeout: 180_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let live: LiveFunctionHome;
  let admin: Headers;
  const program = createLiveFunctionClient(() => live);
  const { logIn, connect, putUpload, orderIngest, heardOf, find: findAs } = program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    live = await startLiveFunctionHome({ dataDir: data.path });
    admin = await logIn('admin', ADMIN_PASSWORD);
  }, 120_000);

  afterAll(async () => {
    await live.stop();
    await data.remove();
  });

  async function addUser(username: string): Promise<Headers> {
    const json = { username, password: 'a good long password' };
    const { status } = await call(live.home.url, '/api/admin/users', {
      method: 'POST',
      json,
      headers: admin,
    });
    expect(status).toBe(201);
    return logIn(username, json.password);
  }

  const find = (requestId: string) => findAs(admin, requestId);

  it('orders by a WebSocket, sees how it goes on, and how it ends', async () => {
    const client = await connect(admin);
    const requestId = await orderIngest(client, await putUpload(admin, 'first.wav', 120));
    const heard = await heardOf(client, requestId);
    expect(heard.at(-1)).toMatchObject({ type: 'complete', result: { filename: 'first.mp3' } });
    const seqs = heard.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(heard.length).toBeGreaterThan(2);
    const audio = await fetch(`${live.home.url}/api/audio/first.mp3`, { headers: admin });
    expect((await audio.arrayBuffer()).byteLength).toBeGreaterThan(100 * 16_000);
    client.socket.close();
  });

  it('is cut off, and misses nothing once it comes again', async () => {
    const first = await connect(admin);
    const requestId = await orderIngest(first, await putUpload(admin, 'cut.wav', 240));
    const { seq } = await first.next('progress');
    first.socket.terminate();
    const second = await connect(admin);
    second.send({ type: 'subscribe', request_id: requestId, since: seq });
    const heard = await heardOf(second, requestId);
    expect(heard.at(-1)).toMatchObject({ type: 'complete' });
    for (const message of heard) expect(Number(message['seq'])).toBeGreaterThan(Number(seq));
    // Also of what ended before it came.
    const third = await connect(admin);
    third.send({ type: 'subscribe', request_id: requestId, since: seq });
    expect(await third.next()).toMatchObject({ type: 'complete', seq: heard.at(-1)?.['seq'] });
    second.socket.close();
    third.socket.close();
  });

  it('is cancelled from a WebSocket and over HTTP, and everybody who watches hears of it', async () => {
    const [client, other] = [await connect(admin), await connect(admin)];
    for (const isOverHttp of [false, true]) {
      const requestId = await orderIngest(client, await putUpload(admin, `cancelled-${isOverHttp}.wav`, 600));
      other.send({ type: 'subscribe', request_id: requestId });
      await other.next('progress');
      if (isOverHttp) {
        const path = `/api/requests/${requestId}/cancel`;
        expect((await call(live.home.url, path, { method: 'POST', headers: admin })).status).toBe(200);
      } else client.send({ type: 'cancel', request_id: requestId });
      for (const each of [client, other]) {
        expect((await heardOf(each, requestId)).at(-1)).toMatchObject({
          type: 'error',
          error: { code: 'cancelled' },
        });
      }
      expect(await find(requestId)).toMatchObject({ status: 'CANCELLED' });
    }
    client.socket.close();
    other.socket.close();
  });

  it('tells each user of their own requests alone', async () => {
    const [ada, bob] = [await addUser('ada'), await addUser('bob')];
    const [hers, his] = [await connect(ada), await connect(bob)];
    const requestId = await orderIngest(hers, await putUpload(ada, 'hers.wav', 60));
    his.send({ type: 'subscribe', request_id: requestId });
    expect(await his.next()).toMatchObject({ type: 'error', error: { code: 'not_found' } });
    expect((await heardOf(hers, requestId)).at(-1)).toMatchObject({ type: 'complete' });
    expect(await his.quiet(500)).toEqual([]);
    hers.socket.close();
    his.socket.close();
  });

  it('does not wait behind a record, or a request, that nobody can read', async () => {
    const { Records, event } = poisoned();
    const invoked = await live.worker.invoke(event);
    expect(JSON.parse(invoked.result)).toEqual({ batchItemFailures: [] });
    expect(Records.length).toBe(3);
    // What another program wrote into the table: the oldest of all that waits.
    const dynamo = makeDynamoClient();
    const Item = {
      RequestID: 'poison',
      Status: 'PENDING',
      Action: 'ingest',
      UserID: 'x',
      CreatedAt: '2020-01-01T00:00:00.000000000Z',
      VisibleAt: '2020-01-01T00:00:00.000Z',
      TTL: Math.ceil(Date.now() / 1000) + 3600,
    };
    const TableName = String(live.home.environment['REQUESTS_TABLE']);
    await dynamo.send(new PutCommand({ TableName, Item }));
    dynamo.destroy();
    const client = await connect(admin);
    const ids = [];
    for (const name of ['one', 'two', 'three']) {
      ids.push(await orderIngest(client, await putUpload(admin, `${name}.wav`, 5)));
    }
    for (const id of ids)
      await expect.poll(() => find(id), { timeout: 60_000 }).toMatchObject({ status: 'COMPLETED' });
    expect(live.mapping.failures).toEqual([]);
    expect(live.mapping.deadLetters).toEqual([]);
    client.socket.close();
  });

  it('goes on with what a killed worker was at, within a lease and a sweep', async () => {
    const client = await connect(admin);
    const requestId = await orderIngest(client, await putUpload(admin, 'killed.wav', 600));
    await expect.poll(() => find(requestId), { timeout: 60_000 }).toMatchObject({ status: 'PROCESSING' });
    const before = await find(requestId);
    // Those that wait for work are not to be taken for alive.
    await live.worker.forgetWarm();
    for (const process of live.worker.processes) await process.kill();
    const killedAtMs = Date.now();
    const begunAnew = async () =>
      (await find(requestId))['processing_started'] !== before['processing_started'];
    await expect.poll(begunAnew, { timeout: LEASE_MS + START_MS, interval: 500 }).toBe(true);
    expect(Date.now() - killedAtMs).toBeLessThan(LEASE_MS + START_MS);
    expect((await heardOf(client, requestId)).at(-1)).toMatchObject({ type: 'complete' });
    client.socket.close();
  });

  it('leaves no connection behind, and nothing has failed that should not', async () => {
    await expect.poll(() => live.gateway.connectionIds).toEqual([]);
    expect(live.sweepFailures).toEqual([]);
    expect(live.mapping.deadLetters).toEqual([]);
    // Posts, connections that were ended, and either of clients that had gone.
    const isExpected = (key: string) => /^(?:POST 200|POST 410|DELETE 204|DELETE 410)$/.test(key);
    expect([...live.gateway.managed.keys()].filter((key) => !isExpected(key))).toEqual([]);
    for (const { log } of [live.webSocket, live.worker, live.home.http]) {
      expect(log).not.toContain(String(admin['authorization']).slice('Bearer '.length));
    }
  });
});

/** Three records of which none is what it should be. */
function poisoned() {
  const record = (SequenceNumber: string, NewImage: unknown) => ({
    eventID: SequenceNumber,
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    dynamodb: { Keys: { RequestID: { S: SequenceNumber } }, NewImage, SequenceNumber },
  });
  const Records = [record('1', {}), record('2', { Status: { N: 'x' } }), record('3', undefined)];
  return { Records, event: { Records } };
}
