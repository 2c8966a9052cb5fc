import { createHash } from 'node:crypto';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTune, wavFile, TUNES } from '../../src/entry/cli/tunes.ts';
import { call, download, upload } from './client.ts';
import { makeDataDirectory, startProgram } from './program.ts';

const KILLS = 9;
/** Two seconds of it. */
const SHORT_BYTES = 350_000;
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

  async function openRequests(url: string): Promise<unknown> {
    const checks = (await call(url, '/ready')).body['checks'] as { queue: { open?: number } };
    return checks.queue.open;
  }

  /** A kill may leave a half-written definition, and an upload that nobody has asked the ingest of yet. Starts that
   * come a minute and a day later clear them away. */
  async function startDaysLater(): Promise<void> {
    const daysAgo = new Date(Date.now() - 3 * 86_400_000);
    const uploads = join(data.path, 'audio_files', 'uploads');
    for (const directory of [join(data.path, 'streams'), uploads]) {
      for (const name of await readdir(directory)) {
        if (!name.endsWith('.json')) await utimes(join(directory, name), daysAgo, daysAgo);
      }
    }
    const program = await startProgram(data.path, { AUTH: 'off' });
    await expect.poll(() => readdir(uploads), { timeout: 10_000 }).toEqual([]);
    expect(await program.stop()).toBe(0);
  }

  /** Parts with their indexes and peaks, originals and covers that neither a record names nor the sweep knows of. */
  async function unaccountedObjects(): Promise<string[]> {
    const db = new DatabaseSync(join(data.path, 'earshot.db'), { readOnly: true });
    const rows = db
      .prepare(
        `SELECT playable_key AS key FROM audio_files UNION SELECT original_key FROM audio_files
         UNION SELECT cover_key FROM audio_files UNION SELECT key FROM retired_objects`,
      )
      .all();
    db.close();
    const known = new Set(rows.map(({ key }) => String(key)));
    for (const key of [...known]) {
      for (const kind of ['index', 'waveforms']) {
        known.add(key.replace(/^playable\/(\w+)\.mp3$/, `${kind}/$1`));
      }
    }
    const found: string[] = [];
    for (const kind of ['playable', 'originals', 'index', 'waveforms', 'uploads']) {
      const names = await readdir(join(data.path, 'audio_files', kind));
      found.push(...names.map((name) => `${kind}/${name}`).filter((key) => !known.has(key)));
    }
    return found;
  }

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
        // One file that is replaced, again and again, by other content; one that comes and goes; one dropped.
        (async () => {
          for (let at = 0; ; at += 1) {
            const bytes = source.slice(0, SHORT_BYTES).with(SHORT_BYTES - 1, (round * 16 + at) % 256);
            await upload(victim.url, 'often.wav', bytes, { query: '?on_conflict=replace' });
            await upload(victim.url, 'fleeting.wav', bytes, { query: '?on_conflict=rename' });
            await call(victim.url, '/api/audio/fleeting.mp3?force=1', { method: 'DELETE' });
          }
        })().catch(() => null),
      ];
      await writeFile(
        join(data.path, 'audio_files', `dropped-${round}.wav`),
        source.slice(0, SHORT_BYTES).with(SHORT_BYTES - 3, round + 1),
      );
      await new Promise((wait) => setTimeout(wait, 60 + round * round * 32));
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
      await expect.poll(() => openRequests(heir.url), { timeout: 40_000, interval: 300 }).toBe(0);
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
    }
    await startDaysLater();
    expect(await readdir(join(data.path, 'streams'))).toEqual(['s.json']);
    expect(await unaccountedObjects()).toEqual([]);
    // The moments were spread: some uploads came through, some were never there.
    expect(survived).toBeGreaterThan(0);
  });
});
