import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';

const TARGET_LUFS = -16;
const TONE = makeToneWav({ seconds: 3, amplitude: 0.1 });

/** Quiet, with a loud spike in each second: all of it made louder would need a limiter. */
function makeSpikyWav({ seconds, spikeSamples }: { seconds: number; spikeSamples: number }): Uint8Array {
  const wav = Buffer.from(makeToneWav({ seconds, amplitude: 0.02, frequencyHz: 300 }));
  for (let second = 0; second < seconds; second += 1) {
    for (let sample = 0; sample < spikeSamples; sample += 1) {
      const height = Math.round(32_000 * Math.sin((2 * Math.PI * 900 * sample) / 44_100));
      const at = 44 + (second * 44_100 + 17_000 + sample) * 4;
      wav.writeInt16LE(height, at);
      wav.writeInt16LE(height, at + 2);
    }
  }
  return wav;
}

describe('the level of what is taken in', { timeout: 60_000 }, () => {
  let bench: IngestBench;
  /** A tone as an MP3 that fits the profile. */
  let mp3: Uint8Array;

  beforeAll(async () => {
    bench = await openIngestBench({ ffmpeg: { maxRuns: 2 } });
    mp3 = await encode(TONE);
  });
  afterAll(() => bench.close());
  afterEach(() => bench.ports.audioFiles.delete('default', 'story.mp3'));

  async function encode(wav: Uint8Array): Promise<Uint8Array> {
    const paths = [join(bench.tempDir, 'in.wav'), join(bench.tempDir, 'out.mp3')] as const;
    await writeFile(paths[0], wav);
    await bench.ports.mediaTool.encode(...paths, { profile: DEFAULT_PROFILE, gainDb: 0, limit: false });
    const encoded = await readFile(paths[1]);
    await Promise.all(paths.map((path) => rm(path)));
    return encoded;
  }

  async function takeIn(content: Uint8Array, at: IngestBench = bench) {
    await at.run(await at.upload(content, {}));
    const file = await at.ports.audioFiles.find('default', 'story.mp3');
    if (file?.part === undefined) throw new Error('The file is not ready');
    const playable = await readAll(at, file.part.key);
    const waveform = await readAll(at, file.waveformKey ?? '');
    return { ...file, part: file.part, playable, waveform };
  }

  async function readAll(at: IngestBench, key: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of at.ports.objects.read(key)) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async function listen(content: Uint8Array) {
    const path = join(bench.tempDir, 'listen.mp3');
    await writeFile(path, content);
    const { integratedLufs = 0, peak, waveform } = await bench.ports.mediaTool.measureLoudness(path);
    await rm(path);
    return { lufs: integratedLufs, peak, waveform };
  }

  it('is the target to within half a step, and what the record says', async () => {
    const { part, loudnessLufs = 0, playable, waveform } = await takeIn(TONE);
    const heard = await listen(playable);
    expect(Math.abs(heard.lufs - TARGET_LUFS)).toBeLessThan(0.9);
    expect(Math.abs(heard.lufs - loudnessLufs)).toBeLessThan(0.2);
    expect(part.peak).toBeCloseTo(heard.peak, 1);
    expect(Math.abs((waveform[15] ?? 0) - (heard.waveform[15] ?? 0))).toBeLessThan(6);
  });

  it('is set in the frames of an MP3 that fits, without encoding it again', async () => {
    const before = await listen(mp3);
    const { part, loudnessLufs, playable } = await takeIn(mp3);
    expect(part.gainSteps).toBe(Math.round((TARGET_LUFS - before.lufs) / 1.5));
    expect(part.gainSteps).not.toBe(0);
    expect(part.audioBytes).toBe(mp3.length);
    expect(Math.abs((await listen(playable)).lufs - (loudnessLufs ?? 0))).toBeLessThan(0.2);
  });

  it.each([
    ['an MP3', 40, encode],
    ['a WAV of short spikes', 40, async (wav: Uint8Array) => wav],
    ['a WAV of longer ones', 300, async (wav: Uint8Array) => wav],
  ])(
    'is held below the ceiling where it would pass it, and told as it came out: %s',
    async (_what, spikeSamples, make) => {
      const source = await make(makeSpikyWav({ seconds: 4, spikeSamples }));
      const { part, loudnessLufs = 0, playable } = await takeIn(source);
      expect(part.gainSteps).toBe(0);
      expect(part.peak).toBeLessThanOrEqual(0.85);
      const heard = await listen(playable);
      expect(Math.abs(heard.lufs - loudnessLufs)).toBeLessThan(0.5);
      expect(heard.peak).toBeLessThan(0.95);
    },
  );

  it('is left alone when told to, and told all the same', async () => {
    const even = await openIngestBench({ policy: { loudnessTargetLufs: null } });
    const { part, loudnessLufs = 0, playable } = await takeIn(mp3, even);
    expect(part).toMatchObject({ gainSteps: 0, audioBytes: mp3.length });
    expect(Math.abs((await listen(playable)).lufs - loudnessLufs)).toBeLessThan(0.2);
    await even.close();
  });

  it('does not depend on how many cores were free', async () => {
    const narrow = await openIngestBench({ ffmpeg: { maxRuns: 1 } });
    expect(narrow.ports.mediaTool.idleCores()).toBe(1);
    for (const content of [TONE, makeSpikyWav({ seconds: 2, spikeSamples: 40 })]) {
      const [one, other] = [await takeIn(content), await takeIn(content, narrow)];
      expect(other.part).toEqual(one.part);
      await narrow.ports.audioFiles.delete('default', 'story.mp3');
      await bench.ports.audioFiles.delete('default', 'story.mp3');
    }
    await narrow.close();
  });
});
