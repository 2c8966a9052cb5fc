import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { WebSocket } from 'ws';
import { makeToneWav } from '../made-audio.ts';
import { dynamoDbKind, makeDynamoClient } from '../servers/dynamodb-client.ts';
import { createHomeTables, deleteHomeTables, homeTables } from '../servers/home-tables.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const PASSWORD = 'correct horse battery';
const LEASE_MS = 10_000;
/** An instance that lost its lease may look for work a second later, and takes a moment to begin. */
const SLACK_MS = 5000;

interface Message {
  readonly type: string;
  readonly request_id?: string;
  readonly seq?: number;
  readonly percentage?: number;
  readonly cameAtMs: number;
}

/** A client that says what it is told, and when. */
class Client {
  readonly messages: Message[] = [];
  readonly #socket: WebSocket;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages.push({ ...(JSON.parse(data.toString()) as Message), cameAtMs: Date.now() });
    });
  }

  static async connect(url: string, headers: Record<string, string>): Promise<Client> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/ws`, { headers });
    const client = new Client(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return client;
  }

  send(message: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(message));
  }

  ofType(type: string): Message[] {
    return this.messages.filter((message) => message.type === type);
  }

  close(): void {
    this.#socket.terminate();
  }
}

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('instances on the same tables', { timeout: 180_000 }, () => {
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  const dynamo = makeDynamoClient();
  const table = `earshot-e2e-${randomBytes(6).toString('hex')}`;
  const closers: (() => Promise<unknown>)[] = [];
  /** It answers, and does no work. */
  let door: Program;
  let headers: Record<string, string>;

  async function start(workers: number): Promise<Program> {
    const data = await makeDataDirectory();
    const program = await startProgram(data.path, {
      ADMIN_PASSWORD: PASSWORD,
      ...homeTables(table),
      DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
      S3_AUDIO_BUCKET: bucket,
      S3_ENDPOINT: s3.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'testtest',
      WORKERS: String(workers),
    });
    closers.push(async () => {
      await program.kill();
      await data.remove();
    });
    return program;
  }

  /** Of a sound that takes some seconds to be taken in. @returns the id of the request */
  async function ask(seconds: number, name: string, frequencyHz = 440): Promise<string> {
    const bytes = new Uint8Array(makeToneWav({ seconds, amplitude: 0.1, frequencyHz }));
    const { status, body } = await upload(door.url, name, bytes, {
      headers: { ...headers, prefer: 'wait=0' },
    });
    expect(status).toBe(202);
    return String(body['request_id']);
  }

  const find = async (requestId: string) =>
    (await call(door.url, `/api/requests/${requestId}`, { headers })).body;

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    bucket = await makeTestBucket(client);
    await createHomeTables(dynamo, table);
    door = await start(0);
    const json = { username: 'admin', password: PASSWORD };
    const { body } = await call(door.url, '/api/user/login', { method: 'POST', json });
    headers = { authorization: `Bearer ${String(body['token'])}` };
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
    await deleteHomeTables(dynamo, table);
    dynamo.destroy();
    client.destroy();
    await s3.stop();
  });

  it('tell a client of one live what another does', async () => {
    const requestId = await ask(300, 'live.wav');
    const watcher = await Client.connect(door.url, headers);
    watcher.send({ type: 'subscribe', request_id: requestId });
    await expect.poll(() => watcher.ofType('progress').length).toBeGreaterThan(0);
    expect(watcher.messages[0]).toMatchObject({ type: 'progress', request_id: requestId, percentage: 0 });
    const worker = await start(1);
    await expect.poll(() => watcher.ofType('complete').length, { timeout: 120_000 }).toBe(1);
    watcher.close();
    await worker.stop();

    const seqs = watcher.messages.map(({ seq }) => seq ?? 0);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(new Set(seqs).size).toBe(seqs.length);
    const steps = watcher.ofType('progress');
    // The instance looks at the queue by itself every 3 s: what comes closer together was told by the other.
    const gapsMs = steps.slice(1).map(({ cameAtMs }, place) => cameAtMs - (steps[place]?.cameAtMs ?? 0));
    expect(gapsMs.filter((gapMs) => gapMs < 2000).length).toBeGreaterThanOrEqual(3);
    expect(door.output.stdout).not.toContain('another instance is not reached');
  });

  it('finish what a killed one was at, within one lease', async () => {
    const victim = await start(1);
    const requestId = await ask(300, 'killed.wav', 500);
    await expect.poll(() => find(requestId), { timeout: 60_000 }).toMatchObject({ status: 'PROCESSING' });
    const [before, other] = [await find(requestId), await start(1)];
    const watcher = await Client.connect(door.url, headers);
    watcher.send({ type: 'subscribe', request_id: requestId });
    expect(await find(requestId)).toMatchObject({ status: 'PROCESSING' });
    await victim.kill();
    const killedAtMs = Date.now();
    const begunAnew = async () =>
      (await find(requestId))['processing_started'] !== before['processing_started'];
    await expect.poll(begunAnew, { timeout: LEASE_MS + SLACK_MS, interval: 100 }).toBe(true);
    expect(Date.now() - killedAtMs).toBeLessThan(LEASE_MS + SLACK_MS);
    await expect.poll(() => watcher.ofType('complete').length, { timeout: 120_000 }).toBe(1);
    expect(await find(requestId)).toMatchObject({ status: 'COMPLETED', progress: 100 });
    watcher.close();
    await other.stop();
  });

  it('take what is asked for under one Idempotency-Key for one request, whichever is asked', async () => {
    const second = await start(0);
    const bytes = new Uint8Array(makeToneWav({ seconds: 2, amplitude: 0.1 }));
    const key = { ...headers, prefer: 'wait=0', 'idempotency-key': randomBytes(8).toString('hex') };
    const [one, two] = [
      await upload(door.url, 'once.wav', bytes, { headers: key }),
      await upload(second.url, 'once.wav', bytes, { headers: key }),
    ];
    expect([one.status, two.status]).toEqual([202, 202]);
    expect(two.body['request_id']).toBe(one.body['request_id']);
    expect(two.headers.get('idempotency-replayed')).toBe('true');
    const other = await upload(second.url, 'other.wav', bytes, { headers: key });
    expect(other.status).toBe(409);
    await second.stop();
  });

  it('stop what is cancelled at another, within two seconds', async () => {
    const worker = await start(1);
    const requestId = await ask(300, 'cancelled.wav', 600);
    await expect.poll(() => find(requestId), { timeout: 60_000 }).toMatchObject({ status: 'PROCESSING' });
    const watcher = await Client.connect(door.url, headers);
    // Whoever subscribes to what has ended is told of the end again.
    watcher.send({ type: 'subscribe', request_id: requestId });
    watcher.send({ type: 'cancel', request_id: requestId });
    await expect.poll(() => watcher.ofType('error').length).toBe(1);
    expect(watcher.ofType('error')[0]).toMatchObject({ error: { code: 'cancelled' } });
    await expect
      .poll(() => worker.output.stdout, { timeout: 2000 })
      .toMatch(/request cancelled|has lost the request/);
    watcher.close();
    await worker.stop();
  });
});
