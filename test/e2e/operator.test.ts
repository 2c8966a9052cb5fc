import { once } from 'node:events';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, uploadFixture } from './client.ts';
import { runCommand } from './command-line.ts';
import { countOpenFiles, readProcessState } from './process-state.ts';
import { makeDataDirectory, startServer, type Program } from './program.ts';

describe('what the operator is told', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startServer(data.path, { AUTH: 'off', TTS_ENGINE: 'espeak', STT_ENGINE: 'off' });
  });
  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  const diagnose = async () => {
    const { status, body } = await call(program.url, '/api/admin/diagnosis');
    expect(status).toBe(200);
    const checks = body['checks'] as { name: string; status: string; detail: string }[];
    return { body, checks: Object.fromEntries(checks.map(({ name, ...found }) => [name, found])) };
  };

  it('is what doctor says, of the server that runs', async () => {
    const { body, checks } = await diagnose();
    expect(body).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
    expect(Object.keys(checks)).toEqual([
      'node',
      'temporary_files',
      'ffmpeg',
      'speech_to_text',
      'text_to_speech',
      'audio',
      'records',
      'streams',
      'space',
      'access',
    ]);
    expect(checks).toMatchObject({
      node: { status: 'ok' },
      ffmpeg: { status: 'ok', detail: expect.stringContaining('ffmpeg ') as string },
      speech_to_text: { status: 'ok', detail: 'speech is not transcribed (STT_ENGINE=off)' },
      text_to_speech: { status: 'ok', detail: expect.stringContaining('espeak') as string },
      records: { status: 'ok', detail: `database ${join(data.path, 'earshot.db')}` },
      streams: { status: 'ok', detail: `stream definitions in ${join(data.path, 'streams')}` },
      access: { status: 'warning' },
    });
    expect(body['status']).toBe('warning');
  });

  it('says what has gone wrong since', async () => {
    const audio = join(data.path, 'audio_files');
    await rm(audio, { recursive: true });
    // What is no directory cannot be made one, also by root.
    await writeFile(audio, '');
    try {
      const { body, checks } = await diagnose();
      expect(body['status']).toBe('failed');
      expect(checks['audio']).toMatchObject({
        status: 'failed',
        detail: expect.stringMatching(/cannot be written .* Set AUDIO_FILES_DIR\.$/) as string,
      });
    } finally {
      await rm(audio);
    }
  });
});

describe('a backup that is downloaded', () => {
  const BIG_BYTES = 400 * 1024 * 1024;
  /** What broke the last answer off. */
  let brokenBy: string | undefined;
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let other: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    other = await makeDataDirectory();
    program = await startServer(data.path, { AUTH: 'off' });
    await uploadFixture(program.url, 'fits.mp3', 'story.mp3');
    await call(program.url, '/api/streams/s/queue', { method: 'POST', json: { files: ['story.mp3'] } });
  });
  afterAll(async () => {
    await program.stop();
    await data.remove();
    await other.remove();
  });

  /** As a browser does that saves what comes; reads nothing yet. */
  async function begin(): Promise<IncomingMessage> {
    brokenBy = undefined;
    const request = get(`${program.url}/api/admin/backup`, { agent: false });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    answer.pause();
    // A body without a length ends with its connection: that it was cut is told by a reset, whoever reads or not.
    request.on('error', ({ code }: NodeJS.ErrnoException) => (brokenBy = code));
    answer.on('error', ({ code }: NodeJS.ErrnoException) => (brokenBy = code));
    return answer;
  }

  /** Into the middle of the large object. */
  async function takeSome(answer: IncomingMessage): Promise<void> {
    let taken = 0;
    for await (const chunk of answer.iterator({ destroyOnReturn: false })) {
      taken += (chunk as Buffer).length;
      if (taken > 20 * 1024 * 1024) return;
    }
  }

  it('is what restore takes, whole', async () => {
    const answer = await begin();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="earshot-[-0-9TZ]+\.tar"$/);
    const file = join(other.path, 'downloaded.tar');
    await writeFile(file, answer);
    const home = join(other.path, 'home');
    await mkdir(home);
    const restored = await runCommand(['restore', file], { cwd: home, environment: {} });
    expect(restored.stdout).toContain('The archive is sound.');
    expect(restored.code).toBe(0);
    const again = await startServer(home, { AUTH: 'off' });
    try {
      const queue = await call(again.url, '/api/streams/s/queue');
      expect(queue.body).toMatchObject({ files: ['story.mp3'] });
      const heard = async (url: string) => {
        const played = await fetch(`${url}/api/streams/s/stream.mp3`);
        expect(played.status).toBe(200);
        return Buffer.from(await played.arrayBuffer());
      };
      expect(await heard(again.url)).toEqual(await heard(program.url));
    } finally {
      await again.stop();
    }
  });

  it('waits for who takes it slowly, with as much memory as before, and ends with who goes', async () => {
    const big = join(data.path, 'audio_files', 'waveforms', 'f'.repeat(64));
    await writeFile(big, '');
    await truncate(big, BIG_BYTES);
    try {
      const before = await readProcessState(program);
      const answer = await begin();
      await takeSome(answer);
      await setTimeout(1000);
      const during = await readProcessState(program);
      expect(during.residentBytes - before.residentBytes).toBeLessThan(BIG_BYTES / 4);
      expect((await call(program.url, '/api/admin/backup')).body).toMatchObject({ code: 'conflict' });
      answer.destroy();
      // Nothing that it read from is open any more, and the next one may begin.
      await expect.poll(() => countOpenFiles(program)).toBeLessThanOrEqual(before.openFiles);
      const next = await begin();
      expect(next.statusCode).toBe(200);
      next.destroy();
      await expect.poll(() => countOpenFiles(program)).toBeLessThanOrEqual(before.openFiles);
      expect(program.output.stdout).not.toContain('broke off');
    } finally {
      await rm(big);
    }
  });

  it('is cut where it cannot be made whole', async () => {
    const big = join(data.path, 'audio_files', 'waveforms', 'e'.repeat(64));
    await writeFile(big, '');
    await truncate(big, BIG_BYTES);
    const answer = await begin();
    await takeSome(answer);
    await truncate(big, 1024);
    await Array.fromAsync(answer).catch(() => undefined);
    expect(brokenBy).toBe('ECONNRESET');
    await expect.poll(() => program.output.stdout).toContain('broke off');
    await rm(big);
  });
});
