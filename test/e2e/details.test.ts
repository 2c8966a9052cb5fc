import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, download, uploadFixture } from './client.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

/** The three chapters that each book tells, in seconds of its own. */
const STARTS = [0, 1, 2.5];
const TITLES = ['Auf dem Feld', 'Das Rennen – “los!”', 'Ende'];

describe('what books tell of themselves', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    for (const [source, name] of [
      ['book.m4b', 'm4b.m4b'],
      ['book.mp3', 'mp3.mp3'],
      ['book.flac', 'flac.flac'],
    ] as const) {
      expect((await uploadFixture(program.url, source, name)).status).toBe(201);
    }
  }, 60_000);
  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it.each([
    ['m4b.mp3', 'image/jpeg', 1790],
    ['mp3.mp3', 'image/png', 99],
    ['flac.mp3', 'image/png', 99],
  ])('%s: chapters, cover and peaks', async (name, mediaType, coverBytes) => {
    const { body: info } = await call(program.url, `/api/audio/${name}/info`);
    expect(info).toMatchObject({
      title: 'Der Hase und der Igel',
      artist: 'Märchenerzählerin',
      album: 'Fabeln',
      has_cover: true,
    });
    const duration = Number(info['duration']);
    expect(info['chapters']).toEqual(
      TITLES.map((title, index) => ({
        title,
        start_s: STARTS[index],
        end_s: STARTS[index + 1] ?? duration,
      })),
    );
    const { response, bytes } = await download(String(info['cover_url']));
    expect([response.status, response.headers.get('content-type'), bytes.length]).toEqual([
      200,
      mediaType,
      coverBytes,
    ]);
    const { body: waveform } = await call(program.url, `/api/audio/${name}/waveform?points=20`);
    expect(waveform).toMatchObject({ filename: name, duration, count: 20 });
    const peaks = waveform['peaks'] as number[];
    // A steady tone is as high all along, whatever the encoder did to its edges.
    const middle = peaks.slice(2, -2);
    expect(Math.min(...middle)).toBeGreaterThan(0.1);
    expect(Math.max(...middle) - Math.min(...middle)).toBeLessThan(0.1);
  });

  it('a stream of them has their chapters at its own times', async () => {
    await call(program.url, '/api/streams/books/queue', {
      method: 'POST',
      json: { files: ['m4b.mp3', 'flac.mp3', 'm4b.mp3'] },
    });
    const { body: plan } = await call(program.url, '/api/streams/books/plan');
    const tracks = plan['tracks'] as {
      start_s: number;
      chapters: { title: string; start_s: number }[];
    }[];
    expect(tracks).toHaveLength(3);
    for (const { start_s: start, chapters } of tracks) {
      expect(chapters.map(({ title }) => title)).toEqual(TITLES);
      for (const [index, chapter] of chapters.entries()) {
        expect(chapter.start_s).toBeCloseTo(start + (STARTS[index] ?? 0), 2);
      }
    }
  });
});
