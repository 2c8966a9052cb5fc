import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, download, uploadFixture, type Answer } from './client.ts';
import { fixtures, makeDataDirectory, startProgram, type Program } from './program.ts';

const APPENDED = 40;

/** By agreement they work, as the command line does beside the server: for a restart without a gap, say. */
describe('two servers on one directory', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let one: Program;
  let other: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    [one, other] = await Promise.all([
      startProgram(data.path, { AUTH: 'off' }),
      startProgram(data.path, { AUTH: 'off' }),
    ]);
  });

  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await data.remove();
  });

  const list = async (program: Program) =>
    ((await call(program.url, '/api/audio/list')).body['files'] as { filename: string }[]).map(
      ({ filename }) => filename,
    );

  it('show and play the same, to the byte', async () => {
    expect((await uploadFixture(one.url, 'tone.wav')).status).toBe(201);
    expect((await uploadFixture(other.url, 'tone.flac', 'second.flac')).status).toBe(201);
    expect(await list(one)).toEqual(await list(other));
    const files = ['tone.mp3', 'second.mp3'];
    await call(one.url, '/api/streams/s/queue', { method: 'PUT', json: { files, play_mode: 'shuffle' } });
    const [first, second] = await Promise.all(
      [one, other].map(({ url }) => download(`${url}/api/streams/s/stream.mp3`)),
    );
    expect(first?.response.status).toBe(200);
    expect(first?.response.headers.get('etag')).toBe(second?.response.headers.get('etag'));
    expect(Buffer.compare(first?.bytes ?? Buffer.alloc(0), second?.bytes ?? Buffer.alloc(1))).toBe(0);
  });

  it('see at once what the other has changed', async () => {
    const title = { title: 'Another title' };
    await call(one.url, '/api/audio/tone.mp3/info', { method: 'PATCH', json: title });
    expect((await call(other.url, '/api/audio/tone.mp3/info')).body).toMatchObject(title);
    await call(other.url, '/api/streams/t/queue', { method: 'POST', json: { files: ['tone.mp3'] } });
    expect((await call(one.url, '/api/streams/t/queue')).body).toMatchObject({ files: ['tone.mp3'] });
    await call(one.url, '/api/streams/t', { method: 'DELETE' });
    expect((await call(other.url, '/api/streams/t/queue')).status).toBe(404);
  });

  it('lose no edit of a queue that both append to', async () => {
    const append = async (program: Program): Promise<Answer[]> => {
      const answers: Answer[] = [];
      for (let number = 0; number < APPENDED; number += 1) {
        const json = { files: ['tone.mp3'] };
        answers.push(await call(program.url, '/api/streams/u/queue', { method: 'POST', json }));
      }
      return answers;
    };
    const answers = (await Promise.all([append(one), append(other)])).flat();
    const appended = answers.filter(({ status }) => status < 300).length;
    // Whoever was refused was told so.
    expect(answers.every(({ status }) => status < 300 || status === 409 || status === 412)).toBe(true);
    const { body } = await call(one.url, '/api/streams/u/queue');
    expect(body['files']).toHaveLength(appended);
  });

  it('take a dropped file in once', async () => {
    await copyFile(join(fixtures, 'tone.ogg'), join(data.path, 'audio_files', 'dropped.ogg'));
    await expect.poll(() => list(one), { timeout: 40_000, interval: 250 }).toContain('dropped.mp3');
    await expect
      .poll(() => call(one.url, '/api/audio/dropped.mp3/info'), { timeout: 40_000 })
      .toMatchObject({ body: { state: 'ready' } });
    expect(await list(other)).toEqual(['dropped.mp3', 'second.mp3', 'tone.mp3']);
  });

  it('do without each other', async () => {
    await other.kill();
    expect((await uploadFixture(one.url, 'tone.m4a', 'third.m4a')).status).toBe(201);
    const { response } = await download(`${one.url}/api/audio/third.mp3`);
    expect(response.status).toBe(200);
  });
});
