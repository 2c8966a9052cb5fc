import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, vi } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { homeTables } from '../servers/home-tables.ts';
import { makeS3Client, makeTestBucket, startS3 } from '../servers/s3-server.ts';
import { call, upload } from './client.ts';
import { makeDataDirectory, root, startProgram, type Program } from './program.ts';

export const PASSWORD = 'correct horse battery';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Tables and a bucket of a test's own, and a directory for the embedded home. */
export interface TwoHomes {
  readonly data: string;
  readonly s3: ReturnType<typeof makeS3Client>;
  readonly bucket: string;
  readonly table: string;
  /** Of the server on DynamoDB and S3, and of the commands that know both homes. */
  readonly aws: Readonly<Record<string, string>>;
  /** The command line, as `npx earshot` runs it, with both homes. */
  earshot(args: readonly string[], change?: Record<string, string>): Promise<Ran>;
  /** The same, to be killed. */
  spawn(args: readonly string[], change?: Record<string, string>): ChildProcess;
  startEmbedded(dataDir?: string): Promise<Program>;
  startAws(): Promise<Program>;
  close(): Promise<void>;
}

export async function makeTwoHomes(): Promise<TwoHomes> {
  const server = await startS3();
  const s3 = makeS3Client(server.endpoint);
  const bucket = await makeTestBucket(s3);
  const data = await makeDataDirectory();
  const elsewhere = await makeDataDirectory();
  const table = `earshot-e2e-${randomBytes(6).toString('hex')}`;
  const aws = {
    ...homeTables(table),
    DYNAMODB_ENDPOINT: inject('dynamodb').endpoint,
    S3_AUDIO_BUCKET: bucket,
    S3_ENDPOINT: server.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testtest',
  };
  const bin = join(root, 'bin', 'earshot.js');
  const environment = (change: Record<string, string>) => ({
    PATH: process.env['PATH'] ?? '',
    TMPDIR: tmpdir(),
    DATA_DIR: data.path,
    ...aws,
    ...change,
  });
  const homes: TwoHomes = {
    data: data.path,
    s3,
    bucket,
    table,
    aws,
    earshot: (args, change = {}) =>
      new Promise((done) => {
        const env = environment(change);
        execFile(process.execPath, [bin, ...args], { cwd: data.path, env }, (error, stdout, stderr) =>
          done({ code: error === null ? 0 : 1, stdout, stderr }),
        );
      }),
    spawn: (args, change = {}) =>
      spawn(process.execPath, [bin, ...args], { cwd: data.path, env: environment(change), stdio: 'ignore' }),
    startEmbedded: (dataDir = data.path) => startProgram(dataDir, { ADMIN_PASSWORD: PASSWORD }),
    startAws: () => startProgram(elsewhere.path, { ADMIN_PASSWORD: PASSWORD, ...aws }),
    close: async () => {
      await homes.earshot(['tables', 'delete', '--yes', table]);
      await data.remove();
      await elsewhere.remove();
      s3.destroy();
      await server.stop();
    },
  };
  return homes;
}

export async function logIn(program: Program): Promise<Record<string, string>> {
  const json = { username: 'admin', password: PASSWORD };
  // The first start makes the administrator once it listens.
  const token = await vi.waitFor(
    async () => {
      const { status, body } = await call(program.url, '/api/user/login', { method: 'POST', json });
      expect(status).toBe(200);
      return body['token'];
    },
    { timeout: 10_000, interval: 200 },
  );
  return { authorization: `Bearer ${String(token)}` };
}

/** What people keep of a home: a login, a link that plays without one, names, and what was heard. */
export interface Kept {
  readonly headers: Record<string, string>;
  readonly files: readonly string[];
  /** Plays the stream `bedtime`; without its origin. */
  readonly link: string;
  readonly sha256: string;
}

/** Puts tones into the library, and a stream of them. */
export async function fillHome(program: Program, seconds: readonly number[]): Promise<Kept> {
  const headers = await logIn(program);
  const files: string[] = [];
  for (const length of seconds) {
    const wav = new Uint8Array(makeToneWav({ seconds: length, amplitude: 0.2, sampleRateHz: 16_000 }));
    const { body } = await upload(program.url, `tone ${length}.wav`, wav, { headers });
    files.push(String(body['filename']));
  }
  await call(program.url, '/api/streams/bedtime/queue', { method: 'PUT', json: { files }, headers });
  const made = await call(program.url, '/api/streams/bedtime/links', { method: 'POST', json: {}, headers });
  expect(made).toMatchObject({ status: 201 });
  const { pathname, search } = new URL(String(made.body['url']));
  const link = `${pathname}${search}`;
  const position = `/api/audio/${files[0] ?? ''}/position`;
  await call(program.url, position, { method: 'PUT', json: { position_s: 1.5 }, headers });
  return { headers, files, link, sha256: await hear(program, link) };
}

/** @returns the SHA-256 of what a listener gets */
export async function hear(program: Program, link: string): Promise<string> {
  const response = await fetch(`${program.url}${link}`);
  if (response.status !== 200) throw new Error(`${link} answers ${response.status}.`);
  return createHash('sha256')
    .update(new Uint8Array(await response.arrayBuffer()))
    .digest('hex');
}

/** Asks as a stranger would whether all is as it was. */
export async function expectKept(program: Program, kept: Kept): Promise<void> {
  const { headers, files, link, sha256 } = kept;
  const ask = async (path: string) => (await call(program.url, path, { headers })).body;
  expect(await hear(program, link)).toBe(sha256);
  // The login from before, and one with the same password.
  expect(await ask('/api/user/session')).toMatchObject({ user: { username: 'admin' } });
  await logIn(program);
  expect(await ask('/api/audio/list')).toMatchObject({ count: files.length });
  expect(await ask('/api/audio/search?q=tone')).toMatchObject({ count: files.length });
  expect(await ask(`/api/audio/${files[0] ?? ''}/position`)).toMatchObject({ position_s: 1.5 });
  expect(await ask('/api/streams/bedtime/queue')).toMatchObject({ files });
  expect(await ask('/ready')).toMatchObject({ status: 'ready', checks: { queue: { open: 0 } } });
}
