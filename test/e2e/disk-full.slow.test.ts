import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload } from './client.ts';
import { startProgram, type Program } from './program.ts';

const run = promisify(execFile);
const DISK = 'size=24m';
const KIB = 1024;

/** A disk of its own, small enough to be filled; null where this process may not mount one. */
async function mountSmallDisk(): Promise<string | null> {
  const path = await mkdtemp(join(tmpdir(), 'earshot-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', path]);
    return path;
  } catch {
    // No root, no Linux, or a container without the right: said below.
    await rm(path, { recursive: true });
    return null;
  }
}

const disk = await mountSmallDisk();
if (disk === null)
  process.stdout.write('disk-full.slow.test.ts: no disk can be mounted here, so none is filled.\n');

describe.runIf(disk !== null)('a full disk', () => {
  const root = disk ?? '';
  let program: Program;
  let playable: Uint8Array;

  beforeAll(async () => {
    program = await startProgram(root, { AUTH: 'off', TMPDIR: root });
    expect((await upload(program.url, 'first.wav', tone(2, 300))).status).toBe(201);
    await put('s', ['first.mp3']);
    playable = (await download(`${program.url}/api/streams/s/stream.mp3`)).bytes;
  });

  afterEach(free);

  afterAll(async () => {
    await program.stop();
    await run('umount', [root]);
    await rm(root, { recursive: true });
  });

  const tone = (seconds: number, frequencyHz: number) =>
    new Uint8Array(makeToneWav({ seconds, frequencyHz, amplitude: 0.3, sampleRateHz: 8000 }));
  const put = (name: string, files: readonly string[]) =>
    call(program.url, `/api/streams/${name}/queue`, { method: 'PUT', json: { files } });
  const filler = join(root, '.filler');

  /** Leaves so much room, rounded down to what the file system counts in. */
  async function fill(leaveBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(root);
    await writeFile(filler, Buffer.alloc(Math.max(0, bavail * bsize - leaveBytes)));
  }

  async function free(): Promise<void> {
    await rm(filler, { force: true });
  }

  async function expectAlive(): Promise<void> {
    expect((await call(program.url, '/health')).status).toBe(200);
    const { response, bytes } = await download(`${program.url}/api/streams/s/stream.mp3`);
    expect([response.status, Buffer.compare(bytes, playable)]).toEqual([200, 0]);
  }

  /** It looks once a second. */
  async function expectReady(status: number, objects: string): Promise<void> {
    const ready = async () => {
      const answer = await call(program.url, '/ready');
      return [answer.status, answer.body['checks']];
    };
    await expect.poll(ready, { timeout: 10_000 }).toMatchObject([status, { objects: { status: objects } }]);
  }

  async function expectNothingLeft(): Promise<void> {
    const temporary = async () =>
      (await readdir(join(root, 'tmp'), { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile() && entry.name.startsWith('upload-'))
        .map(({ name }) => name);
    await expect.poll(temporary).toEqual([]);
    await expect.poll(() => readdir(join(root, 'audio_files', 'uploads'))).toEqual([]);
  }

  it('refuses an upload, plays on, and takes the next one when there is room again', async () => {
    await fill(64 * KIB);
    const answer = await upload(program.url, 'second.wav', tone(20, 500));
    expect([answer.status, answer.body['code']]).toEqual([507, 'insufficient_storage']);
    await expectNothingLeft();
    await expectAlive();
    expect((await call(program.url, '/api/audio/second.mp3/info')).status).toBe(404);
    await free();
    expect((await upload(program.url, 'second.wav', tone(20, 500))).status).toBe(201);
  });

  it('lets the ingest of what was uploaded wait, and end once there is room', async () => {
    // The upload fits, and what is made of it does not.
    await fill(2700 * KIB);
    const headers = { prefer: 'wait=0' };
    const { status, body } = await upload(program.url, 'third.wav', tone(80, 700), { headers });
    expect(status).toBe(202);
    const state = async () => (await call(program.url, `/api/requests/${String(body['request_id'])}`)).body;
    await expect
      .poll(state, { timeout: 30_000 })
      .toMatchObject({ status: 'RETRYING', error: { code: 'insufficient_storage' } });
    await expectAlive();
    await free();
    await expect.poll(state, { timeout: 60_000, interval: 250 }).toMatchObject({ status: 'COMPLETED' });
    const { response } = await download(`${program.url}/api/audio/third.mp3`);
    expect(response.status).toBe(200);
    await expectNothingLeft();
  }, 120_000);

  it('refuses a definition, and keeps the one that is there', async () => {
    await fill(0);
    const answer = await put('s', ['first.mp3', 'first.mp3']);
    expect([answer.status, answer.body['code']]).toEqual([507, 'insufficient_storage']);
    await expectAlive();
    await free();
    expect((await put('s', ['first.mp3'])).status).toBe(200);
    expect((await readdir(join(root, 'streams'))).filter((name) => name !== 's.json')).toEqual([]);
  });

  it('refuses what the database would have to keep, and keeps what it has', async () => {
    await fill(0);
    const answers = [];
    // What fits into the pages that the log has already goes through.
    for (let number = 0; number < 50 && answers.at(-1)?.status !== 507; number += 1) {
      const json = { title: `Title ${number}`, description: 'x'.repeat(4000) };
      answers.push(await call(program.url, '/api/audio/first.mp3/info', { method: 'PATCH', json }));
    }
    expect(answers.at(-1)).toMatchObject({ status: 507, body: { code: 'insufficient_storage' } });
    await expectAlive();
    const titles = answers.filter(({ status }) => status === 200).map(({ body }) => body['title']);
    const kept = (await call(program.url, '/api/audio/first.mp3/info')).body['title'];
    expect(kept).toBe(titles.at(-1) ?? 'first');
    await free();
    const json = { title: 'At last' };
    expect((await call(program.url, '/api/audio/first.mp3/info', { method: 'PATCH', json })).status).toBe(
      200,
    );
  });

  it('is told by /ready, which stays ready: what is there plays', async () => {
    await fill(0);
    await expectReady(200, 'degraded');
    await free();
    await expectReady(200, 'ok');
  });

  it('that cannot be written at all refuses likewise, plays on, and makes /ready say so', async () => {
    const audio = join(root, 'audio_files');
    await run('mount', ['--bind', audio, audio]);
    try {
      await run('mount', ['-o', 'remount,ro,bind', audio]);
      const answer = await upload(program.url, 'fourth.wav', tone(2, 900));
      expect([answer.status, answer.body['code']]).toEqual([503, 'storage_unavailable']);
      await expectReady(503, 'down');
      await expectAlive();
    } finally {
      await run('umount', ['--lazy', audio]);
    }
    await expectNothingLeft();
    expect((await upload(program.url, 'fourth.wav', tone(2, 900))).status).toBe(201);
  });
});
