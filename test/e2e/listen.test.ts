import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, download, uploadFixture } from './client.ts';
import { decodeWithFfmpeg, decodeWithMpg123, players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const FRAME_S = 1152 / 44_100;

/** Every container and codec that the README names, and every kind of MP3. */
const SOURCES = [
  'tone.m4a',
  'tone.m4b',
  'tone.caf',
  'tone.wav',
  'tone.aiff',
  'tone.flac',
  'tone.ogg',
  'tone.opus',
  'tone.webm',
  'tone.wma',
  'film.mp4',
  'lame-default.mp3',
  'lame-vbr.mp3',
  'mpeg2-mono.mp3',
  'fits.mp3',
  'fits-crc.mp3',
  'with-cover.mp3',
] as const;

describe('a stream of any mix of sources', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  const files: { filename: string; duration: number; title: string }[] = [];
  let path: string;
  let claimedSeconds: number;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    for (const source of SOURCES) {
      // Each under a name of its own: `tone.m4a` and `tone.wav` would both be `tone.mp3`.
      const answer = await uploadFixture(
        program.url,
        source,
        source.replace('.', '-').concat(source.slice(source.indexOf('.'))),
      );
      // tone.m4b has the bytes of tone.m4a, and says so.
      expect([answer.status, answer.body['detail']]).toEqual([source === 'tone.m4b' ? 200 : 201, undefined]);
      files.push(answer.body as unknown as (typeof files)[number]);
    }
    const queue = await call(program.url, '/api/streams/mix/queue', {
      method: 'POST',
      json: { files: files.map((file) => file.filename) },
    });
    expect(queue.status).toBe(200);
    const { response, bytes } = await download(`${program.url}/api/streams/mix/stream.mp3`);
    expect(response.status).toBe(200);
    expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
    path = join(data.path, 'mix.mp3');
    await writeFile(path, bytes);
    const plan = await call(program.url, '/api/streams/mix/plan');
    claimedSeconds = Number(plan.body['duration']);
  }, 120_000);

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  it('takes each source’s title from its tags, else from its name', () => {
    const titles = Object.fromEntries(files.map((file) => [file.filename, file.title]));
    expect(titles).toMatchObject({
      'tone-m4a.mp3': 'Tone in AAC',
      'tone-flac.mp3': 'Tone in FLAC',
      'tone-ogg.mp3': 'Tone in Vorbis',
      'fits-mp3.mp3': 'Already fits',
      'with-cover-mp3.mp3': 'With a cover',
      'tone-wav.mp3': 'tone-wav',
    });
  });

  it('is as long as its parts together', () => {
    const sum = files.reduce((total, file) => total + file.duration, 0);
    expect(Math.abs(claimedSeconds - sum)).toBeLessThan(0.01 * files.length);
  });

  it.runIf(players.ffmpeg !== null)(
    'decodes in ffmpeg without a warning, as long as its Info frame claims',
    async () => {
      const { warnings, seconds } = await decodeWithFfmpeg(path);
      expect(warnings).toBe('');
      expect(Math.abs(seconds - claimedSeconds)).toBeLessThanOrEqual(FRAME_S);
    },
  );

  it.runIf(players.mpg123 !== null)('decodes in mpg123 without a warning', async () => {
    expect((await decodeWithMpg123(path)).warnings).toBe('');
  });
});
