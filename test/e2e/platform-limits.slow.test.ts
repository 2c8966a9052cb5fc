import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../live-app.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { call } from './client.ts';
import { ADMIN_PASSWORD } from './function-home.ts';
import { createLiveFunctionClient, type Headers } from './live-function-client.ts';
import { startLiveFunctionHome, type LiveFunctionHome } from './live-function-home.ts';
import { makeDataDirectory } from './program.ts';

/** In place of the two hours of API Gateway. */
const LIFE_MS = 2000;
const GOING_AWAY = 1001;
/** A client does not come again at once. */
const AWAY_MS = 700;

/** As the worker has them. */
const LEASE_MS = 30_000;
const LETS_GO_MS = 20_000;
const QUARTER_HOUR_MS = 15 * 60_000;
/** What became due rings the bell after 10 s, once the sweep comes by, and a worker begins cold. */
const START_MS = 25_000;
/** In place of a quarter of an hour, and far less than so much sound takes. */
const WORK_MS = 2500;
const LONG_S = 1200;

interface Heard {
  readonly type: string;
  readonly seq: number;
  readonly connection: number;
  readonly result: unknown;
}

// dynalite has neither transactions nor streams.
describe.skipIf(dynamoDbKind === 'dynalite')('the limits of the platform', { timeout: 240_000 }, () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let live: LiveFunctionHome;
  let admin: Headers;
  const { logIn, connect, putUpload, orderIngest, find } = createLiveFunctionClient(() => live);

  beforeAll(async () => {
    data = await makeDataDirectory();
    live = await startLiveFunctionHome({ dataDir: data.path, gateway: { lifeMs: LIFE_MS } });
    admin = await logIn('admin', ADMIN_PASSWORD);
  }, 120_000);

  afterAll(async () => {
    await live.stop();
    await data.remove();
  });

  async function order(filename: string, seconds: number): Promise<string> {
    const payload = { upload_id: await putUpload(admin, filename, seconds) };
    const json = { action: 'ingest', payload };
    const { status, body } = await call(live.home.url, '/api/requests', {
      method: 'POST',
      json,
      headers: admin,
    });
    expect(status).toBe(202);
    return String(body['request_id']);
  }

  /**
   * Until all have ended, by as many connections as that takes; what tells nothing newer is passed over, as docs/requests.md
   * has it.
   * @returns what was heard of each, by which connection, and how each of those was closed
   */
  async function follow(requestIds: readonly string[]) {
    const heard = new Map(requestIds.map((id): [string, Heard[]] => [id, []]));
    const lastSeq = (id: string) => heard.get(id)?.at(-1)?.seq ?? 0;
    const isEnded = (id: string) => !['progress', undefined].includes(heard.get(id)?.at(-1)?.type);
    const codes: number[] = [];
    while (!requestIds.every(isEnded)) {
      const connection = codes.length;
      if (connection > 0) await sleep(AWAY_MS);
      const client = await connect(admin);
      client.socket.on('message', (bytes: Buffer) => {
        const { type, seq, request_id: id, result } = JSON.parse(bytes.toString()) as Message;
        if (Number(seq) > lastSeq(String(id)))
          heard.get(String(id))?.push({ type, seq: Number(seq), connection, result });
        if (requestIds.every(isEnded)) client.socket.close();
      });
      for (const id of requestIds) {
        if (!isEnded(id)) client.send({ type: 'subscribe', request_id: id, since: lastSeq(id) });
      }
      codes.push((await client.closed).code);
    }
    return { heard, codes };
  }

  it('cut a WebSocket again and again, and a client that comes with `since` misses nothing', async () => {
    const ids = [await order('short.wav', 30), await order('long.wav', 300), await order('longer.wav', 1200)];
    const { heard, codes } = await follow(ids);
    expect(codes.slice(0, -1)).toEqual(Array(codes.length - 1).fill(GOING_AWAY));
    expect(codes.length).toBeGreaterThan(1);
    for (const id of ids) {
      const ends = heard.get(id)?.filter(({ type }) => type !== 'progress') ?? [];
      expect(ends).toEqual([expect.objectContaining({ type: 'complete' })]);
      expect(await find(admin, id)).toMatchObject({ status: 'COMPLETED', result: ends[0]?.result });
    }
    // What went on was heard by one connection after the other.
    const connections = new Set([...heard.values()].flat().map(({ connection }) => connection));
    expect(connections.size).toBeGreaterThan(1);
  });

  it('cut a WebSocket, and what ended while nobody was there is told to who comes again', async () => {
    const uploadId = await putUpload(admin, 'meanwhile.wav', 30);
    const client = await connect(admin);
    const requestId = await orderIngest(client, uploadId);
    expect((await client.closed).code).toBe(GOING_AWAY);
    const before = (await client.quiet(0)).filter(({ request_id: id }) => id === requestId);
    // By nothing but the end of the first connection is it decided which of the two hears the end.
    await expect
      .poll(() => find(admin, requestId), { timeout: 60_000 })
      .toMatchObject({ status: 'COMPLETED' });
    const since = before.findLast(({ type }) => type === 'progress')?.['seq'] ?? 0;
    const again = await connect(admin);
    again.send({ type: 'subscribe', request_id: requestId, since });
    const end = await again.next('complete');
    expect(end).toMatchObject({ request_id: requestId, result: { filename: 'meanwhile.mp3' } });
    expect(Number(end['seq'])).toBeGreaterThan(Number(since));
    again.socket.close();
  });

  it('end a worker that did not heed its time, and another goes on within a lease', async () => {
    live.worker.time = { timeoutMs: QUARTER_HOUR_MS, killedAfterMs: WORK_MS };
    const requestId = await order('killed.wav', LONG_S);
    await expect
      .poll(() => find(admin, requestId), { timeout: 60_000 })
      .toMatchObject({ status: 'PROCESSING' });
    const before = await find(admin, requestId);
    live.worker.time = { timeoutMs: QUARTER_HOUR_MS };
    await expect.poll(() => live.mapping.failures.length, { timeout: 30_000, interval: 20 }).toBe(1);
    const killedAtMs = Date.now();
    // In the middle: it is still the dead worker's.
    expect(await find(admin, requestId)).toMatchObject({
      status: 'PROCESSING',
      processing_started: before['processing_started'],
    });
    const begunAnew = async () =>
      (await find(admin, requestId))['processing_started'] !== before['processing_started'];
    await expect.poll(begunAnew, { timeout: LEASE_MS + START_MS, interval: 250 }).toBe(true);
    expect(Date.now() - killedAtMs).toBeLessThan(LEASE_MS + START_MS);
    await expect
      .poll(() => find(admin, requestId), { timeout: 120_000, interval: 500 })
      .toMatchObject({ status: 'COMPLETED', result: { filename: 'killed.mp3' } });
    expect(live.mapping.deadLetters).toEqual([]);
  });

  it('are heeded by a worker, which lets go in time: another goes on, and no try is lost', async () => {
    const failures = live.mapping.failures.length;
    live.worker.time = { timeoutMs: LETS_GO_MS + WORK_MS };
    const requestId = await order('let-go.wav', LONG_S);
    await expect
      .poll(() => find(admin, requestId), { timeout: 60_000 })
      .toMatchObject({ status: 'PROCESSING' });
    const { processing_started: before } = await find(admin, requestId);
    live.worker.time = { timeoutMs: QUARTER_HOUR_MS };
    const begunAtMs = Date.now();
    const begunAnew = async () => {
      const { status, processing_started: started } = await find(admin, requestId);
      return status === 'PROCESSING' && started !== before;
    };
    await expect.poll(begunAnew, { timeout: LEASE_MS + START_MS, interval: 250 }).toBe(true);
    // No lease had to run out for it.
    expect(Date.now() - begunAtMs).toBeLessThan(WORK_MS + START_MS);
    await expect
      .poll(() => find(admin, requestId), { timeout: 120_000, interval: 500 })
      .toMatchObject({ status: 'COMPLETED', retry_count: 0, result: { filename: 'let-go.mp3' } });
    expect(live.mapping.failures).toHaveLength(failures);
    expect(live.mapping.deadLetters).toEqual([]);
  });

  it('leave no connection behind', async () => {
    await expect.poll(() => live.gateway.connectionIds).toEqual([]);
    expect(live.sweepFailures).toEqual([]);
  });
});
