import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, uploadFixture } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

describe('starting and stopping', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let programs: Program[] = [];

  const start = async (environment: Record<string, string> = {}) => {
    const program = await startProgram(data.path, environment);
    programs.push(program);
    return program;
  };

  beforeEach(async () => {
    data = await makeDataDirectory();
    programs = [];
  });

  afterEach(async () => {
    for (const program of programs) await program.kill();
    await data.remove();
  });

  it('makes the administrator, shows its password once and never logs it', async () => {
    const first = await start();
    await expect.poll(() => first.output.stderr).toMatch(/Password: \S+/);
    const password = /Password: (\S+)/.exec(first.output.stderr)?.[1] ?? '';
    const login = await call(first.url, '/api/user/login', {
      method: 'POST',
      json: { username: 'admin', password },
    });
    expect(login.status).toBe(200);
    expect(first.output.stdout).not.toContain(password);
    expect(first.output.stdout).not.toContain(String(login.body['token']));
    expect(await first.stop()).toBe(0);

    const second = await start();
    const session = await call(second.url, '/api/user/session', {
      headers: { authorization: `Bearer ${String(login.body['token'])}` },
    });
    expect(session.status).toBe(200);
    expect(second.output.stderr).not.toContain('Password');
  });

  it('keeps the data over a restart and leaves no temporary file', async () => {
    const first = await start({ AUTH: 'off' });
    await uploadFixture(first.url, 'fits.mp3', 'story.mp3');
    await call(first.url, '/api/streams/s/queue', { method: 'POST', json: { files: ['story.mp3'] } });
    expect(await first.stop()).toBe(0);
    expect(await readdir(join(data.path, 'tmp'))).toEqual([]);
    expect(JSON.parse(await readFile(join(data.path, 'streams', 's.json'), 'utf8'))).toMatchObject({
      name: 's',
      files: ['story.mp3'],
      loop: false,
    });

    const second = await start({ AUTH: 'off' });
    expect((await call(second.url, '/api/streams/s/queue')).body).toMatchObject({ files: ['story.mp3'] });
    expect((await fetch(`${second.url}/api/streams/s/stream.mp3`)).status).toBe(200);
  });

  it('loads definitions of the predecessor, and picks up what is changed by hand', async () => {
    await mkdir(join(data.path, 'streams'));
    const definition = join(data.path, 'streams', 'old.json');
    await writeFile(definition, JSON.stringify({ name: 'old', files: ['a.mp3', 'b.mp3'], loop: true }));
    await writeFile(join(data.path, 'streams', 'broken.json'), '{"name": "broken", ');
    const program = await start({ AUTH: 'off' });
    expect((await call(program.url, '/api/streams/old/queue')).body).toMatchObject({
      files: ['a.mp3', 'b.mp3'],
      play_mode: 'loop',
    });
    const list = await call(program.url, '/api/streams/queues');
    expect(list.body).toMatchObject({ count: 1, storage: { kind: 'file', persistent: true } });
    await writeFile(definition, JSON.stringify({ name: 'old', files: ['c.mp3'], loop: false }));
    expect((await call(program.url, '/api/streams/old/queue')).body).toMatchObject({
      files: ['c.mp3'],
      play_mode: 'sequential',
    });
    expect(await readFile(join(data.path, 'streams', 'broken.json'), 'utf8')).toBe('{"name": "broken", ');
  });

  it('says where the streams live and why', async () => {
    const program = await start({ AUTH: 'off' });
    expect(program.output.stdout).toContain(
      `stream definitions live in ${join(data.path, 'streams')} (the default)`,
    );
    expect(program.output.stdout).toContain('the directory of stream definitions is ready');
  });

  it('goes on in memory, with one warning, when the directory of streams cannot be made', async () => {
    await writeFile(join(data.path, 'streams'), 'a file where the directory should be');
    const program = await start({ AUTH: 'off' });
    const warnings = program.output.stdout.split('\n').filter((line) => line.includes('"level":40'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/ENOTDIR|EEXIST/);
    await uploadFixture(program.url, 'fits.mp3', 'story.mp3');
    await call(program.url, '/api/streams/s/queue', { method: 'POST', json: { files: ['story.mp3'] } });
    expect((await fetch(`${program.url}/api/streams/s/stream.mp3`)).status).toBe(200);
    const list = await call(program.url, '/api/streams/queues');
    expect(list.body).toMatchObject({ count: 1, storage: { kind: 'memory', persistent: false } });
    const ready = await call(program.url, '/ready');
    expect(ready.status).toBe(200);
    expect(ready.body).toMatchObject({ checks: { streams: { kind: 'memory', persistent: false } } });
  });

  it.each(['memory', 'sqlite', 'file'])('plays streams from STREAM_STORAGE=%s', async (storage) => {
    const program = await start({ AUTH: 'off', STREAM_STORAGE: storage });
    await uploadFixture(program.url, 'fits.mp3', 'story.mp3');
    await call(program.url, '/api/streams/s/queue', { method: 'POST', json: { files: ['story.mp3'] } });
    expect((await fetch(`${program.url}/api/streams/s/stream.mp3`)).status).toBe(200);
    expect((await call(program.url, '/api/streams/queues')).body).toMatchObject({
      storage: { kind: storage, persistent: storage !== 'memory' },
    });
  });

  it.each([
    [{ AUTH: 'off', HOST: '0.0.0.0' }, 'AUTH=off'],
    [{ PORT: 'eighty' }, 'PORT'],
    [{ STREAM_STORAGE: 'tape' }, 'STREAM_STORAGE'],
    [{ DYNAMODB_TABLE: 'no table' }, 'DYNAMODB_TABLE'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
    [{ FFMPEG_PATH: '/nowhere/ffmpeg' }, 'FFMPEG_PATH'],
  ])('refuses to start with %j and names the variable', async (environment, named) => {
    await expect(start(environment as Record<string, string>)).rejects.toThrow(named);
  });

  it('stops within its grace time while somebody listens for ever', async () => {
    const program = await start({ AUTH: 'off', SHUTDOWN_GRACE_S: '1' });
    await uploadFixture(program.url, 'fits.mp3', 'story.mp3');
    await call(program.url, '/api/streams/s/queue', {
      method: 'POST',
      json: { files: ['story.mp3'], play_mode: 'loop' },
    });
    const response = await fetch(`${program.url}/api/streams/s/stream.mp3`);
    const reader = response.body?.getReader();
    await reader?.read();
    const ended = (async () => {
      for (;;) if ((await reader?.read())?.done !== false) return;
    })().catch(() => {}); // Cut by the server: that is what is asked of it.
    expect(await program.stop()).toBe(0);
    await ended;
  });
});
