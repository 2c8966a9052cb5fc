import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeS3Client, makeTestBucket, startS3, type S3Server } from '../servers/s3-server.ts';
import { makeDataDirectory, root } from './program.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const NAMES = ['anna', 'anna-2', 'ben', 'old'];
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

let s3: S3Server;
let client: S3Client;
let bucket: string;
let data: Awaited<ReturnType<typeof makeDataDirectory>>;
let streams: string;

beforeAll(async () => {
  s3 = await startS3();
  client = makeS3Client(s3.endpoint);
});

afterAll(async () => {
  client.destroy();
  await s3.stop();
});

beforeEach(async () => {
  bucket = await makeTestBucket(client);
  data = await makeDataDirectory();
  streams = join(data.path, 'streams');
  await mkdir(streams);
  for (const name of NAMES) await writeFile(join(streams, `${name}.json`), definition(name));
});

afterEach(() => data.remove());

const definition = (name: string, title?: string): string =>
  name === 'old'
    ? '{"name": "old", "files": ["a.mp3"], "loop": true}'
    : JSON.stringify({ name, files: [`${name}.mp3`], play_mode: 'shuffle', title, created_by: '17' });

const environment = (more: Record<string, string>) => ({
  PATH: process.env['PATH'] ?? '',
  TMPDIR: tmpdir(),
  DATA_DIR: data.path,
  S3_ENDPOINT: s3.endpoint,
  S3_FORCE_PATH_STYLE: 'true',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'testtest',
  ...more,
});
const bin = join(root, 'bin', 'earshot.js');

/** `npx earshot streams …` */
const run = (args: readonly string[], more: Record<string, string> = {}): Promise<Ran> =>
  new Promise((done) => {
    const options = { cwd: data.path, env: environment(more) };
    execFile(process.execPath, [bin, 'streams', ...args], options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : 1;
      done({ code, stdout, stderr });
    });
  });

const keysIn = async (prefix: string): Promise<string[]> => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }));
  return Contents.map(({ Key = '' }) => Key);
};
const put = (key: string, content: string) =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
const get = async (key: string): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return (await Body?.transformToString()) ?? '';
};

describe.each(['directory', 'bucket'] as const)('streams to and from a %s', (kind) => {
  let target: string;
  beforeEach(() => {
    target = kind === 'bucket' ? `s3://${bucket}/saved/streams` : join(data.path, 'saved', 'streams');
  });
  const readTarget = async (name: string): Promise<string> =>
    kind === 'bucket' ? get(`saved/streams/${name}`) : readFile(join(target, name), 'utf8');
  const writeTarget = async (name: string, content: string): Promise<unknown> =>
    kind === 'bucket'
      ? put(`saved/streams/${name}`, content)
      : (await mkdir(target, { recursive: true }), writeFile(join(target, name), content));
  const listTarget = async (): Promise<string[]> =>
    kind === 'bucket'
      ? (await keysIn('saved/')).map((key) => key.slice('saved/streams/'.length)).sort()
      : readdir(target).catch(() => []);

  it('go there and into another home as they are, and verified', async () => {
    const dry = await run(['export', target, '--dry-run']);
    expect(dry.stdout).toContain('It would be: 4 created, 0 replaced, 0 there already, 0 refused');
    expect(await listTarget()).toEqual([]);

    const first = await run(['export', target]);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('4 created, 0 replaced, 0 there already, 0 refused; 4 verified');
    expect(first.stderr).toContain('4 streams  old');
    expect(await listTarget()).toEqual(NAMES.map((name) => `${name}.json`).sort());
    const written = Buffer.from(await readTarget('ben.json'));
    expect(first.stdout).toMatch(new RegExp(`^${sha256Of(written)}  .*saved/streams/ben\\.json$`, 'm'));
    const again = await run(['export', target]);
    expect(again.stdout).toContain('0 created, 0 replaced, 4 there already, 0 refused; 0 verified');

    const other = { DATA_DIR: join(data.path, 'other') };
    await mkdir(other.DATA_DIR);
    const dryImport = await run(['import', target, '--dry-run'], other);
    expect(dryImport.stdout).toContain('It would be: 4 created');
    expect(await readdir(join(other.DATA_DIR, 'streams'))).toEqual([]);
    const imported = await run(['import', target], other);
    expect(imported).toMatchObject({ code: 0 });
    expect(imported.stdout).toContain('4 created, 0 replaced, 0 there already, 0 refused; 4 verified');
    expect(imported.stdout).toContain('anna: not in the library: "anna.mp3"');
    expect(imported.stdout).toContain(`${sha256Of(written)}  ben.json`);
    for (const name of NAMES) {
      expect(await readFile(join(other.DATA_DIR, 'streams', `${name}.json`), 'utf8')).toBe(
        await readTarget(`${name}.json`),
      );
    }
    expect((await run(['import', target], other)).stdout).toContain('4 there already, 0 refused; 0 verified');
    const sqlite = { ...other, STREAM_STORAGE: 'sqlite' };
    expect((await run(['import', target], sqlite)).stdout).toContain('4 created');
    expect((await run(['export', target], sqlite)).stdout).toContain('4 there already, 0 refused');
  });

  it('leave what has other content, unless told otherwise', async () => {
    await run(['export', target]);
    await writeTarget('ben.json', definition('ben', 'Theirs'));
    await writeTarget('old.json', '{"no json');
    const kept = await run(['export', target]);
    expect(kept.code).toBe(1);
    expect(kept.stdout).toContain('0 created, 0 replaced, 2 there already, 2 refused; 0 verified');
    expect(kept.stdout).toMatch(/ben\.json: There is one of other content/);
    expect(await readTarget('ben.json')).toBe(definition('ben', 'Theirs'));
    expect(await readTarget('old.json')).toBe('{"no json');

    const taken = await run(['import', target]);
    expect(taken.code).toBe(1);
    expect(taken.stdout).toContain('stream ben: There is one of other content');
    expect(taken.stdout).toMatch(/old\.json: It is no JSON/);
    expect(await readFile(join(streams, 'ben.json'), 'utf8')).toBe(definition('ben'));
    const replaced = await run(['import', target, '--overwrite']);
    expect(replaced.stdout).toContain('0 created, 1 replaced, 2 there already, 1 refused; 1 verified');
    expect(await readFile(join(streams, 'ben.json'), 'utf8')).toContain('Theirs');
    const mended = await run(['export', target, '--overwrite']);
    expect(mended).toMatchObject({ code: 0 });
    expect(mended.stdout).toContain('0 created, 1 replaced, 3 there already, 0 refused; 1 verified');
  });

  it('refuse hostile names and contents, one by one', async () => {
    await writeTarget('good.json', definition('good'));
    for (const name of ['not a name.json', 'queues.json', 'x;rm.json'])
      await writeTarget(name, definition('good'));
    await writeTarget('expired.json', '{"files": [], "expires_at": "2020-01-01T00:00:00Z"}');
    await writeTarget('session.json', '{"files": [], "persistence": "session", "session_id": "s"}');
    await writeTarget('name.json', '{"name": "../../escaped", "files": ["../../etc/passwd"]}');
    await writeTarget('large.json', JSON.stringify({ files: [], title: 'x'.repeat(400_000) }));
    if (kind === 'bucket') await put('saved/streams/../up.json', definition('up'));
    else {
      await writeFile(join(data.path, 'secret.json'), definition('secret'));
      await symlink(join(data.path, 'secret.json'), join(target, 'linked.json'));
    }
    const ran = await run(['import', target]);
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('2 created, 0 replaced, 0 there already');
    for (const refused of [
      '"not a name.json": No stream',
      '"queues.json": No stream',
      '"x;rm.json": No stream',
    ])
      expect(ran.stdout).toContain(refused);
    expect(ran.stdout).toMatch(/expired\.json: This stream has expired/);
    expect(ran.stdout).toMatch(/session\.json: This stream goes with a login session/);
    expect(ran.stdout).toMatch(/large\.json: It is larger/);
    if (kind === 'directory') expect(ran.stdout).toMatch(/linked\.json: It is no regular file/);
    const there = await readdir(streams);
    expect(there.sort()).toEqual([...NAMES, 'good', 'name'].map((name) => `${name}.json`).sort());
    // The name is that of the file, whatever is said in it.
    expect(JSON.parse(await readFile(join(streams, 'name.json'), 'utf8'))).toMatchObject({ name: 'name' });
  });

  it('go on where a run was killed', async () => {
    const many = Array.from({ length: 300 }, (_, number) => `s${String(number).padStart(3, '0')}`);
    for (const name of many) await writeFile(join(streams, `${name}.json`), definition(name));
    const child = spawn(process.execPath, [bin, 'streams', 'export', target], {
      cwd: data.path,
      env: environment({}),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let progress = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (progress += text));
    await expect.poll(() => progress, { timeout: 20_000, interval: 2 }).toContain('20 streams');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const done = (await listTarget()).filter((name) => !name.startsWith('.')).length;
    expect(done).toBeGreaterThan(19);
    expect(done).toBeLessThan(304);
    const { stdout } = await run(['export', target]);
    expect(stdout).toContain(
      `${304 - done} created, 0 replaced, ${done} there already, 0 refused; ${304 - done} verified`,
    );
    for (const name of many) expect(await readTarget(`${name}.json`)).toContain(`${name}.mp3`);
  }, 60_000);

  it('keep tenants apart, as a home does', async () => {
    await mkdir(join(streams, 'tenants', 'neighbours'), { recursive: true });
    await writeFile(join(streams, 'tenants', 'neighbours', 'theirs.json'), definition('theirs'));
    expect((await run(['export', target, '--tenant', 'neighbours'])).stdout).toContain('1 created');
    expect(await readTarget('tenants/neighbours/theirs.json')).toContain('theirs.mp3');
    expect((await run(['import', target])).stdout).toContain('0 created');
    expect((await run(['export', target, '--tenant', '../x'])).stderr).toContain('no name of a tenant');
  });
});

it('says what is wrong with where the streams are to go', async () => {
  const complaints = [
    [['import', join(data.path, 'nowhere')], 'There is no directory'],
    [['export', join(streams, 'ben.json')], 'cannot be used (EEXIST)'],
    [['export', `s3://${bucket}-2/x`], 'does not exist. Create it'],
    [['export', `s3://${bucket}/a/../b`], 'A prefix has names of letters'],
    [['export', 's3://Bad_Name/x'], 'does not name a bucket'],
    [['export', 'https://example.com/'], 'neither a directory nor s3://'],
  ] as const;
  for (const [args, complaint] of complaints) {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(complaint);
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(1);
  }
  const inMemory = await run(['export', join(data.path, 'x')], { STREAM_STORAGE: 'memory' });
  expect(inMemory.stderr).toContain('live in the memory of the server');
  const abroad = await run(['export', `s3://${bucket}/x`], { S3_ENDPOINT: '' });
  expect(abroad.stderr).toContain('AWS_REGION');
});
