import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './client.ts';
import { fixtures, makeDataDirectory, root, startProgram, type Program } from './program.ts';

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command line', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let folder: string;

  /** Runs it as `npx earshot` does, by its bin; `input` comes on standard input. */
  const earshot = async (
    args: readonly string[],
    input = '',
    environment: Record<string, string> = {},
  ): Promise<Ran> =>
    new Promise((done) => {
      const env = {
        PATH: process.env['PATH'] ?? '',
        TMPDIR: tmpdir(),
        DATA_DIR: data.path,
        PORT: new URL(program.url).port,
        ...environment,
      };
      const child = execFile(
        process.execPath,
        [join(root, 'bin', 'earshot.js'), ...args],
        { cwd: data.path, env },
        (error, stdout, stderr) => {
          done({
            code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1,
            stdout,
            stderr,
          });
        },
      );
      child.stdin?.end(input);
    });

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { ADMIN_PASSWORD: 'correct horse battery' });
    folder = join(data.path, 'folder');
    await mkdir(join(folder, 'part two'), { recursive: true });
    await copyFile(join(fixtures, 'fits.mp3'), join(folder, 'one.mp3'));
    await copyFile(join(fixtures, 'tone.flac'), join(folder, 'part two', 'one.flac'));
    await copyFile(join(fixtures, 'fits.mp3'), join(folder, 'part two', 'same again.mp3'));
    await copyFile(join(fixtures, 'picture.png'), join(folder, 'cover.png'));
    await copyFile(join(fixtures, 'picture.png'), join(folder, 'no audio.mp3'));
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('teaches with --help', async () => {
    const { code, stdout } = await earshot(['--help']);
    expect(code).toBe(0);
    for (const word of ['serve', 'doctor', 'user', 'stream', 'import', 'sample', 'A first evening'])
      expect(stdout).toContain(word);
    expect((await earshot(['import', '--help'])).stdout).toContain('$ npx earshot import');
    expect((await earshot(['fly'])).code).toBe(1);
  });

  it('imports a folder beside the running server, again without doubles', async () => {
    const first = await earshot(['import', folder]);
    // What is no audio is named, and the command fails for it; all else came in.
    expect(first.stdout).toContain('2 added, 1 there already, 1 refused');
    expect(first.stdout).toContain('no audio.mp3: There is no audio');
    expect(first.stderr).toContain('files');
    expect(first.code).toBe(1);
    expect((await earshot(['import', folder])).stdout).toContain('0 added, 3 there already, 1 refused');
    expect((await earshot(['import', join(folder, 'nowhere')])).stderr).toContain('ENOENT');
  });

  it('creates, lists and shows streams that the server plays', async () => {
    const created = await earshot(['stream', 'create', 'bedtime', 'one.mp3', 'one-2.mp3', '--mode', 'loop']);
    expect(created.stdout).toContain(`${program.url}/api/streams/bedtime/stream.mp3`);
    expect((await earshot(['stream', 'create', 'bedtime', 'one.mp3'])).stderr).toContain('already');
    expect((await earshot(['stream', 'create', 'other', 'nobody.mp3'])).stderr).toContain('nobody.mp3');
    expect((await earshot(['stream', 'create', 'other', 'one.mp3', '--mode', 'backwards'])).stderr).toContain(
      'endless-shuffle',
    );
    expect((await earshot(['stream', 'list'])).stdout).toMatch(/bedtime +2 +0:03 +loop/);
    expect((await earshot(['stream', 'show', 'bedtime'])).stdout).toMatch(
      /1 +0:02 +one-2\.mp3 +Tone in FLAC/,
    );
    expect((await earshot(['stream', 'show', 'nothing'])).code).toBe(1);
  });

  it('adds users and sets passwords, which come on standard input', async () => {
    const logIn = async (password: string) =>
      (
        await call(program.url, '/api/user/login', {
          method: 'POST',
          json: { username: 'grandma', password },
        })
      ).status;
    expect((await earshot(['user', 'add', 'grandma'], 'first password\n')).code).toBe(0);
    expect(await logIn('first password')).toBe(200);
    expect((await earshot(['user', 'add', 'GRANDMA'], 'first password\n')).code).toBe(1);
    expect((await earshot(['user', 'add', 'grandpa'], 'short\n')).stderr).toContain('8 characters');
    expect((await earshot(['user', 'password', 'grandma'], 'second password\n')).code).toBe(0);
    expect(await logIn('first password')).toBe(401);
    expect(await logIn('second password')).toBe(200);
    expect((await earshot(['user', 'password', 'nobody'], 'second password\n')).stderr).toContain(
      'no user nobody',
    );
  });

  it('looks whether all is well', async () => {
    const well = await earshot(['doctor']);
    expect(well.code).toBe(0);
    expect(well.stdout).toContain('The server can run.');
    const ill = await earshot(['doctor'], '', { FFMPEG_PATH: '/nowhere/ffmpeg' });
    expect(ill.code).toBe(1);
    expect(ill.stdout).toContain('FFMPEG_PATH');
  });

  it('says which engines hear and speak, and the line that gets one', async () => {
    const key = { OPENAI_API_KEY: 'sk-nobodys', TTS_ENGINE: 'espeak' };
    const { stdout } = await earshot(['doctor'], '', key);
    expect(stdout).toContain('speech is heard by openai (whisper-1)');
    expect(stdout).toContain('text is spoken by espeak');
    expect(stdout).not.toContain('nobodys');
    const without = await earshot(['doctor'], '', { STT_ENGINE: 'aws' });
    expect(without.code).toBe(1);
    expect(without.stdout).toContain('STT_ENGINE: aws needs a bucket: S3_AUDIO_BUCKET=…');
  });

  it('makes sample music and prints a URL that plays by itself', { timeout: 180_000 }, async () => {
    const { code, stdout } = await earshot(['sample']);
    expect(code).toBe(0);
    const url = /http:\S+/.exec(stdout)?.[0] ?? '';
    const response = await fetch(url);
    expect(response.status).toBe(200);
    // Three minutes at 128 kbit/s.
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(2_500_000);
    await response.body?.cancel();
    expect((await fetch(url.replace(/\?.*/, ''))).status).toBe(401);
    expect((await earshot(['sample'], '', { PORT: '9' })).stderr).toContain('npm start');
  });
});

it('ends with the shell that npm started it in', async () => {
  const data = await makeDataDirectory();
  const env = {
    PATH: process.env['PATH'] ?? '',
    TMPDIR: tmpdir(),
    PORT: '0',
    DATA_DIR: data.path,
    npm_lifecycle_event: 'start',
  };
  // Two commands, so that no shell replaces itself by the first.
  const command = `"${process.execPath}" "${join(root, 'src', 'entry', 'server.ts')}"; exit`;
  const shell = spawn('sh', ['-c', command], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 20_000 }).toContain('up and running');
  shell.kill('SIGTERM');
  await once(shell.stdout, 'close');
  expect(output).toContain('"msg":"stopped"');
  await data.remove();
});
