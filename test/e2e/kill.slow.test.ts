import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTune, wavFile, TUNES } from '../../src/entry/cli/tunes.ts';
import { call, download, upload } from './client.ts';
import { makeDataDirectory, startProgram } from './program.ts';

const KILLS = 12;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a kill at any moment', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let source: Uint8Array<ArrayBuffer>;
  let whole: string;

  beforeAll(async () => {
    data = await makeDataDirectory();
    const tune = TUNES[0];
    if (tune === undefined) throw new Error('There is no tune.');
    source = new Uint8Array(wavFile(renderTune(tune)));
    const program = await startProgram(data.path, { AUTH: 'off' });
    const answer = await upload(program.url, 'first.wav', source);
    expect(answer.status).toBe(201);
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files: ['first.mp3'] } });
    whole = sha256((await download(`${program.url}/api/audio/first.mp3`)).bytes);
    await program.stop();
  });

  afterAll(() => data.remove());

  it('of an upload, an ingest or a definition’s write leaves the old state or the new', async () => {
    let survived = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const name = `tune-${round}`;
      const victim = await startProgram(data.path, { AUTH: 'off' });
      const before = (await call(victim.url, '/api/streams/s/queue')).body['files'] as string[];
      const others = [
        // Other bytes each round, so that it is no duplicate; the last byte is a sample nobody hears.
        upload(victim.url, `${name}.wav`, source.with(source.length - 1, round + 1)).catch(() => null),
        (async () => {
          for (let at = 0; ; at += 1) {
            await call(victim.url, '/api/streams/s/queue', {
              method: 'PUT',
              json: { files: Array.from({ length: (at % 400) + 1 }, () => 'first.mp3') },
            });
          }
        })().catch(() => null),
      ];
      await new Promise((wait) => setTimeout(wait, 60 + round * round * 18));
      await victim.kill();
      await Promise.all(others);

      const heir = await startProgram(data.path, { AUTH: 'off' });
      const files = (await call(heir.url, '/api/streams/s/queue')).body['files'] as string[];
      expect(files.length === before.length || files.every((file) => file === 'first.mp3')).toBe(true);
      // What was being worked on is finished, or was never there.
      await expect
        .poll(async () => (await call(heir.url, '/api/audio/list?status=processing')).body['count'], {
          timeout: 40_000,
          interval: 300,
        })
        .toBe(0);
      await expect
        .poll(() => readdir(join(data.path, 'audio_files', 'uploads')).catch(() => []), {
          timeout: 40_000,
          interval: 300,
        })
        .toEqual([]);
      const info = await call(heir.url, `/api/audio/${name}.mp3/info`);
      expect([200, 404]).toContain(info.status);
      if (info.status === 200) {
        survived += 1;
        expect(info.body).toMatchObject({ state: 'ready' });
        const { bytes } = await download(`${heir.url}/api/audio/${name}.mp3`);
        expect(bytes.length).toBe(info.body['size']);
        expect(sha256(bytes)).toBe(info.body['sha256']);
      }
      expect(sha256((await download(`${heir.url}/api/audio/first.mp3`)).bytes)).toBe(whole);
      expect(await heir.stop()).toBe(0);
      expect(await readdir(join(data.path, 'tmp'))).toEqual([]);
      JSON.parse(await readFile(join(data.path, 'streams', 's.json'), 'utf8'));
      expect(await readdir(join(data.path, 'streams'))).toEqual(['s.json']);
    }
    // The moments were spread: some uploads came through, some were never there.
    expect(survived).toBeGreaterThan(0);
  });
});
