import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { dynamoDbKind } from '../servers/dynamodb-client.ts';
import { homeTables } from '../servers/home-tables.ts';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, root, startProgram, type Program } from './program.ts';

const PASSWORD = 'correct horse battery';
const STREAM = '/api/streams/bedtime/stream.mp3';

// dynalite has no transactions.
describe.skipIf(dynamoDbKind === 'dynalite')('a home on DynamoDB and S3', () => {
  let s3: S3Server;
  let client: ReturnType<typeof makeS3Client>;
  let bucket: string;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  const table = `earshot-e2e-${randomBytes(6).toString('hex')}`;

  const environment = (change: Record<string, string> = {}) => ({
    ADMIN_PASSWORD: PASSWORD,
    PLAYBACK: 'public',
    ...homeTables(table),
    DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
    S3_AUDIO_BUCKET: bucket,
    S3_ENDPOINT: s3.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testtest',
    ...change,
  });

  /** The command line, as `npx earshot` runs it. */
  const earshot = async (args: readonly string[], change: Record<string, string> = {}) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        TMPDIR: tmpdir(),
        DATA_DIR: data.path,
        ...environment(change),
      };
      execFile(
        process.execPath,
        [join(root, 'bin', 'earshot.js'), ...args],
        { cwd: data.path, env },
        (error, stdout, stderr) => done({ code: error === null ? 0 : 1, stdout, stderr }),
      );
    });

  const logIn = async () => {
    const json = { username: 'admin', password: PASSWORD };
    const { status, body } = await call(program.url, '/api/user/login', { method: 'POST', json });
    expect(status).toBe(200);
    return { authorization: `Bearer ${String(body['token'])}` };
  };

  beforeAll(async () => {
    s3 = await startS3();
    client = makeS3Client(s3.endpoint);
    bucket = await makeTestBucket(client);
    data = await makeDataDirectory();
  });

  afterAll(async () => {
    await program.stop();
    await earshot(['tables', 'delete', '--yes', table]);
    await data.remove();
    client.destroy();
    await s3.stop();
  });

  it('does not start without its tables, and says what to do', async () => {
    const starting = startProgram(data.path, environment());
    await expect(starting).rejects.toThrow(
      `The DynamoDB table "${table}" does not exist. Make it with: npx earshot tables create`,
    );
    expect((await earshot(['doctor'])).stdout).toContain(`"${table}" does not exist`);
    const stranger = await earshot(['doctor'], {
      AWS_ACCESS_KEY_ID: '',
      AWS_SECRET_ACCESS_KEY: '',
      AWS_EC2_METADATA_DISABLED: 'true',
      HOME: data.path,
    });
    expect(stranger).toMatchObject({ code: 1 });
    for (const what of [`The DynamoDB table "${table}"`, `The S3 bucket "${bucket}"`]) {
      expect(stranger.stdout).toContain(`${what} needs credentials, and none were found.`);
    }
    const nobody = await earshot(['tables', 'describe'], { DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' });
    expect(nobody).toMatchObject({ code: 1 });
    expect(nobody.stderr).toContain('Check its endpoint and the network.');
  });

  it('makes its tables, again and again, and tells of them', async () => {
    const ofEach = (what: string) =>
      ['', '-requests', '-connections', '-subscriptions'].map((end) => `${table}${end} ${what}\n`).join('');
    expect((await earshot(['tables', 'create', '--dry-run'])).stdout).toBe(ofEach('would be made'));
    expect((await earshot(['tables', 'create'])).stdout).toBe(ofEach('is made'));
    expect((await earshot(['tables', 'create'])).stdout).toBe(ofEach('was there'));
    expect((await earshot(['tables', 'describe'])).stdout).toMatch(
      /GSI3 +ACTIVE[^]*StatusIndex +ACTIVE[^]*TenantIndex +ACTIVE[^]*RequestIndex +ACTIVE/,
    );
    expect((await earshot(['tables', 'delete'])).stderr).toContain(`--yes ${table}`);
    expect((await earshot(['tables', 'delete', '--dry-run'])).stdout).toContain('would be deleted');
    program = await startProgram(data.path, environment());
    expect((await earshot(['doctor'])).stdout).toContain(`records in the DynamoDB tables ${table}`);
  });

  it('does not start without the tables that came later, and says what to do', async () => {
    const change = { CONNECTIONS_TABLE: `${table}-none` };
    const complaint = `The DynamoDB table "${table}-none" does not exist. Make it with: npx earshot tables create`;
    await expect(startProgram(data.path, environment(change))).rejects.toThrow(complaint);
    expect((await earshot(['doctor'], change)).stdout).toContain(complaint);
  });

  it('logs in, takes audio in, and plays it whole and in ranges, also after a restart', async () => {
    const headers = await logIn();
    const names: unknown[] = [];
    for (const seconds of [5, 8]) {
      const wav = new Uint8Array(makeToneWav({ seconds, amplitude: 0.2, sampleRateHz: 16_000 }));
      const { status, body } = await upload(program.url, `tone-${seconds}.wav`, wav, { headers });
      expect(status).toBe(201);
      names.push(body['filename']);
    }
    const queue = '/api/streams/bedtime/queue';
    const queued = await call(program.url, queue, { method: 'PUT', json: { files: names }, headers });
    expect(queued.status).toBe(201);
    const whole = Buffer.from(await (await fetch(program.url + STREAM)).arrayBuffer());
    expect(whole.length).toBeGreaterThan(12 * 16_000);

    await program.stop();
    program = await startProgram(data.path, environment());
    const again = await fetch(program.url + STREAM, { headers: { range: 'bytes=1000-50999' } });
    expect(again.status).toBe(206);
    expect(Buffer.from(await again.arrayBuffer()).equals(whole.subarray(1000, 51_000))).toBe(true);
    // The login outlives the process, and a search finds what it took in.
    const found = await call(program.url, '/api/audio/search?q=tone', { headers });
    expect(found.body).toMatchObject({ count: 2 });
    expect((await call(program.url, '/api/streams/queues', { headers })).body).toMatchObject({
      storage: { kind: 'dynamodb', persistent: true },
      queues: [{ name: 'bedtime' }],
    });
    expect((await call(program.url, '/ready')).body).toMatchObject({ status: 'ready' });
    // Nothing is kept here.
    expect(await readdir(data.path)).toEqual(['tmp']);
  });

  it('keeps definitions of streams in the bucket, where that is asked for', async () => {
    await program.stop();
    program = await startProgram(data.path, environment({ STREAM_STORAGE: 's3' }));
    const headers = await logIn();
    expect((await fetch(program.url + STREAM)).status).toBe(404);
    const json = { files: ['tone-5.mp3'] };
    expect((await call(program.url, '/api/streams/s/queue', { method: 'PUT', json, headers })).status).toBe(
      201,
    );
    expect((await fetch(`${program.url}/api/streams/s/stream.mp3`)).status).toBe(200);
    expect((await call(program.url, '/api/streams/queues', { headers })).body).toMatchObject({
      storage: { kind: 's3', persistent: true },
    });
  });
});
