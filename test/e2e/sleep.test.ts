import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload, uploadFixture } from './client.ts';
import { decodeToSamples, decodeWithFfmpeg, decodeWithMpg123, players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const SAMPLE_RATE_HZ = 44_100;
const FRAME_S = 1152 / SAMPLE_RATE_HZ;
const FADE_S = 20;

/** Of every kind: made with CRC, of many bit rates, taken frame by frame, encoded. A second or two each. */
const SHORT = ['fits-crc.mp3', 'lame-vbr.mp3', 'fits.mp3', 'lame-default.mp3', 'tone.flac'];

describe('a sleep timer', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>[];
  let instances: Program[];

  beforeAll(async () => {
    data = [await makeDataDirectory(), await makeDataDirectory()];
    instances = await Promise.all(data.map(({ path }) => startProgram(path, { AUTH: 'off' })));
    for (const { url } of instances) {
      for (const name of SHORT) expect((await uploadFixture(url, name)).status).toBe(201);
      const tone = new Uint8Array(makeToneWav({ seconds: 33, frequencyHz: 500 }));
      expect((await upload(url, 'long.wav', tone)).status).toBe(201);
      const short = SHORT.map((name) => name.replace(/\.\w+$/, '.mp3'));
      await call(url, '/api/streams/short/queue', { method: 'PUT', json: { files: short } });
      await call(url, '/api/streams/long/queue', { method: 'PUT', json: { files: ['long.mp3'] } });
    }
  });

  afterAll(async () => {
    for (const instance of instances) await instance.stop();
    for (const directory of data) await directory.remove();
  });

  const urlOf = (instance: number) => instances[instance]?.url ?? '';

  it('gives the same bytes from every instance, whole and in ranges', async () => {
    const path = '/api/streams/short/stream.mp3?play_mode=endless-shuffle&seed=7&sleep_s=90&sleep_mode=exact';
    const one = await download(urlOf(0) + path);
    const other = await download(urlOf(1) + path);
    const etag = one.response.headers.get('etag') ?? '';
    expect(other.response.headers.get('etag')).toBe(etag);
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
    const pieces: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < one.bytes.length; at += 99_991, turn += 1) {
      const range = `bytes=${at}-${at + 99_990}`;
      pieces.push((await download(urlOf(turn % 2) + path, { range, 'if-range': etag })).bytes);
    }
    expect(Buffer.compare(Buffer.concat(pieces), one.bytes)).toBe(0);
    // What is not shared is the fade.
    const longer = await download(urlOf(0) + path.replace('sleep_s=90', 'sleep_s=110'));
    const fadeBytes = one.bytes.length - sharedBytes(one.bytes.subarray(417), longer.bytes.subarray(417));
    expect(fadeBytes / one.bytes.length).toBeCloseTo(FADE_S / 90, 1);
  });

  const STREAMS = [
    ['long', 'play_mode=loop&sleep_s=50', 66],
    ['long', 'play_mode=loop&sleep_s=50&sleep_mode=exact', 50],
    ['long', 'sleep_s=25&sleep_mode=exact&from=3.5', 25],
    ['long', 'sleep_s=5&sleep_mode=exact', 5],
    ['short', 'play_mode=loop&sleep_s=60&sleep_mode=exact', 60],
    ['short', 'play_mode=endless-shuffle&seed=3&sleep_s=45', 45],
  ] as const;

  it.runIf(players.ffmpeg !== null).each(STREAMS)(
    'lets %s?%s fade evenly, without a warning',
    async (name, query, aboutS) => {
      const { bytes } = await download(`${urlOf(0)}/api/streams/${name}/stream.mp3?${query}`);
      const path = join(data[0]?.path ?? '', 'sleep.mp3');
      await writeFile(path, bytes);
      const { warnings, seconds } = await decodeWithFfmpeg(path);
      expect(warnings).toBe('');
      if (players.mpg123 !== null) expect((await decodeWithMpg123(path)).warnings).toBe('');
      const plan = await call(urlOf(0), `/api/streams/${name}/plan?${query}`);
      expect(Math.abs(seconds - Number(plan.body['duration']))).toBeLessThanOrEqual(FRAME_S);
      expect(seconds).toBeGreaterThanOrEqual(aboutS);
      expect(seconds).toBeLessThan(aboutS + 3);
      if (query.includes('exact')) expect(seconds).toBeLessThan(aboutS + 2 * FRAME_S);

      const levels = levelsOf(await decodeToSamples(path));
      const fadeS = Math.min(FADE_S, levels.length);
      const before = levels.slice(0, levels.length - fadeS);
      const fading = levels.slice(levels.length - fadeS);
      for (const level of before) expect(level).toBeGreaterThan(-25);
      fading.slice(1).forEach((level, second) => expect(level).toBeLessThan(fading[second] ?? -Infinity));
      expect(fading.at(-1)).toBeLessThan(-60);
    },
  );
});

/** How many bytes two streams begin with alike. */
function sharedBytes(one: Uint8Array, other: Uint8Array): number {
  const differs = one.findIndex((byte, at) => byte !== other[at]);
  return differs === -1 ? one.length : differs;
}

/** Root mean square of each second in decibels below full scale, counted back from the end. */
function levelsOf(samples: Int16Array): number[] {
  const levels: number[] = [];
  for (let end = samples.length; end >= SAMPLE_RATE_HZ; end -= SAMPLE_RATE_HZ) {
    const second = samples.subarray(end - SAMPLE_RATE_HZ, end);
    const power = second.reduce((sum, sample) => sum + sample * sample, 0) / second.length;
    levels.unshift(10 * Math.log10(Math.max(power, 1e-9) / 32_768 ** 2));
  }
  return levels;
}
