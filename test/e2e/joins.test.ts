import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeToneWav } from '../made-audio.ts';
import { call, download, upload } from './client.ts';
import { decodeToSamples, decodeWithFfmpeg, decodeWithMpg123, encodeFittingMp3, players } from './players.ts';
import { makeDataDirectory, startProgram, type Program } from './program.ts';

const SAMPLE_RATE_HZ = 44_100;
const FRAME_SAMPLES = 1152;
const LONGEST_SILENCE_S = 0.06;
/** -50 dBFS. */
const SILENT_BELOW = 104;
/** -26 dBFS: the tones are at -16 LUFS. */
const LOUD_ABOVE = 1640;
const HOW_FAR_S = 0.2;

type Kind = 'fits' | 'encoded';

/** Every way of joining two kinds, and last frames from nearly empty to full. */
const KINDS: readonly Kind[] = [
  ...(['encoded', 'encoded', 'fits', 'fits', 'encoded', 'fits', 'fits', 'fits', 'encoded'] as const),
  ...(['encoded', 'encoded', 'fits', 'fits', 'fits', 'fits', 'encoded', 'encoded'] as const),
];

describe.runIf(players.ffmpeg !== null)('the joins of steady loud tones', () => {
  let data: Awaited<ReturnType<typeof makeDataDirectory>>;
  let program: Program;
  let path: string;
  let joinsS: number[];
  let claimedS: number;

  beforeAll(async () => {
    data = await makeDataDirectory();
    program = await startProgram(data.path, { AUTH: 'off' });
    const files: string[] = [];
    for (const [number, kind] of KINDS.entries()) {
      const name = `${kind}-${number}`;
      const answer = await upload(
        program.url,
        `${name}.${kind === 'fits' ? 'mp3' : 'wav'}`,
        await make(number),
      );
      expect(answer.status).toBe(201);
      const { filename, size, original_size } = answer.body as Record<string, number | string>;
      // What fits is taken as it is, but for its header frame.
      if (kind === 'fits') expect(Math.abs(Number(size) - Number(original_size))).toBeLessThan(1000);
      files.push(String(filename));
    }
    await call(program.url, '/api/streams/s/queue', { method: 'PUT', json: { files } });
    const plan = await call(program.url, '/api/streams/s/plan');
    joinsS = (plan.body['tracks'] as { start_s: number }[]).slice(1).map((track) => track.start_s);
    claimedS = Number(plan.body['duration']);
    path = join(data.path, 'joined.mp3');
    await writeFile(path, (await download(`${program.url}/api/streams/s/stream.mp3`)).bytes);
  });

  afterAll(async () => {
    await program.stop();
    await data.remove();
  });

  /** A second and a bit that begins and ends at full sound, each of another length within a frame. */
  async function make(number: number): Promise<Uint8Array<ArrayBuffer>> {
    const samples =
      40 * FRAME_SAMPLES + Math.floor(((number * 7) % KINDS.length) * (FRAME_SAMPLES / KINDS.length));
    const tone = { seconds: samples / SAMPLE_RATE_HZ, amplitude: 0.5, frequencyHz: 700 + 50 * number };
    const wav = new Uint8Array(makeToneWav(tone));
    if (KINDS[number] === 'encoded') return wav;
    const [source, target] = ['wav', 'mp3'].map((type) => join(data.path, `source-${number}.${type}`));
    await writeFile(source ?? '', wav);
    await encodeFittingMp3(source ?? '', target ?? '');
    return new Uint8Array(await readFile(target ?? ''));
  }

  it('are of every kind', () => {
    const kinds = KINDS.slice(1).map((kind, before) => `${KINDS[before] ?? ''}–${kind}`);
    expect([...new Set(kinds)].sort()).toEqual([
      'encoded–encoded',
      'encoded–fits',
      'fits–encoded',
      'fits–fits',
    ]);
  });

  it('decode without a warning, as long as the plan claims', async () => {
    const { warnings, seconds } = await decodeWithFfmpeg(path);
    expect(warnings).toBe('');
    expect(Math.abs(seconds - claimedS)).toBeLessThanOrEqual(FRAME_SAMPLES / SAMPLE_RATE_HZ);
    if (players.mpg123 !== null) expect((await decodeWithMpg123(path)).warnings).toBe('');
  });

  it('are silent for at most 60 ms, between sound that is loud on both sides', async () => {
    const samples = await decodeToSamples(path);
    const silencesS = joinsS.map((joinS) => {
      // The decoder's own delay of 529 samples moves what is heard.
      const at = Math.round(joinS * SAMPLE_RATE_HZ) + 529;
      const reach = HOW_FAR_S * SAMPLE_RATE_HZ;
      expect(peakOf(samples.subarray(at - reach, at))).toBeGreaterThan(LOUD_ABOVE);
      expect(peakOf(samples.subarray(at, at + reach))).toBeGreaterThan(LOUD_ABOVE);
      return longestSilence(samples.subarray(at - reach, at + reach)) / SAMPLE_RATE_HZ;
    });
    expect(silencesS).toHaveLength(KINDS.length - 1);
    expect(Math.max(...silencesS)).toBeLessThanOrEqual(LONGEST_SILENCE_S);
    // The silence that was looked for is of a kind that this would find.
    const cut = samples.slice();
    const [first = 0] = joinsS;
    const at = Math.round(first * SAMPLE_RATE_HZ);
    cut.fill(0, at - 2000, at + 2000);
    expect(longestSilence(cut.subarray(at - 8000, at + 8000)) / SAMPLE_RATE_HZ).toBeGreaterThan(
      LONGEST_SILENCE_S,
    );
  });
});

const peakOf = (samples: Int16Array): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

/** The longest run below -50 dBFS. */
function longestSilence(samples: Int16Array): number {
  let longest = 0;
  let run = 0;
  for (const sample of samples) {
    run = Math.abs(sample) < SILENT_BELOW ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
