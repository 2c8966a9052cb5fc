import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanMp3 } from '../../src/audio/mp3-scan.ts';
import { fitsProfile } from '../../src/audio/playable.ts';
import { DEFAULT_PROFILE } from '../../src/domain/media-tool.ts';
import type { SoundLevel } from '../../src/domain/media-tool.ts';
import { makeToneWav } from '../made-audio.ts';
import { openMediaToolBench, PLAIN, SECONDS } from './media-tool-bench.ts';
import type { MediaToolBench, MediaToolUnderTest } from './media-tool-bench.ts';

/** What every media tool keeps to, of files that are as they should be; media-tool-input.contract.ts has the others. */
export function describeMediaToolContract(name: string, underTest: MediaToolUnderTest): void {
  describe(`MediaTool: ${name}`, { timeout: 60_000 }, () => {
    let bench: MediaToolBench;
    beforeAll(async () => {
      bench = await openMediaToolBench(underTest);
    });
    afterAll(() => bench.close());

    it('says what it is', async () => {
      expect(await bench.tool.describe()).toMatchObject({ version: expect.stringMatching(/\d/) as string });
    });

    it('probes', async () => {
      const format = { codec: 'pcm_s16le', sampleRateHz: 44_100, channels: 2, bitrateKbps: 1411 };
      expect(await bench.tool.probe(bench.tonePath)).toEqual({ format, durationMs: SECONDS * 1000 });
    });

    it('encodes to the profile: no reservoir, no tags, no Info frame', async () => {
      const scan = await scanMp3(createReadStream(bench.at('tone.mp3')));
      expect(scan).toMatchObject({ channels: 2, constantBitrate: true, bitrateKbps: 128, junkBytes: 0 });
      expect(scan !== null && fitsProfile(scan, DEFAULT_PROFILE)).toBe(true);
      expect(scan?.audioBytes).toBe((await stat(bench.at('tone.mp3'))).size);
    });

    it('measures loudness and peak as they will be heard, in two channels', async () => {
      const stereo = await bench.tool.measureLoudness(bench.tonePath);
      const mono = await bench.tool.measureLoudness(
        await bench.put(
          'mono.wav',
          makeToneWav({ seconds: SECONDS, amplitude: 0.1, channels: 1, sampleRateHz: 22_050 }),
        ),
      );
      // A sine of -20 dBFS in two channels: -23 dB of power in each, +3 dB for two, -0.7 dB for the weighting.
      expect(stereo.integratedLufs).toBeCloseTo(-20.7, 0);
      expect(stereo.peak).toBeCloseTo(0.1, 2);
      expect(stereo.durationMs).toBeCloseTo(SECONDS * 1000, 0);
      await bench.tool.encode(bench.at('mono.wav'), bench.at('mono.mp3'), PLAIN);
      const heard = await bench.tool.measureLoudness(bench.at('mono.mp3'));
      // The delay of the encoder is silence that counts in so short a sound; half the power would be 3 dB.
      expect(Math.abs((heard.integratedLufs ?? 0) - (mono.integratedLufs ?? 0))).toBeLessThan(1);
    });

    it('finds no loudness in silence', async () => {
      const silence = await bench.put('silence.wav', makeToneWav({ seconds: SECONDS, amplitude: 0 }));
      const loudness = await bench.tool.measureLoudness(silence);
      expect(loudness).not.toHaveProperty('integratedLufs');
      expect(loudness.peak).toBe(0);
    });

    it('keeps the level where none is asked for', async () => {
      const even = await bench.put(
        'even.wav',
        makeToneWav({ seconds: 8, amplitude: 0.25, frequencyHz: 1000 }),
      );
      expect(await bench.tool.encode(even, bench.at('even.mp3'), PLAIN)).toBeNull();
      const [before, after] = [
        await bench.tool.measureLoudness(even),
        await bench.tool.measureLoudness(bench.at('even.mp3')),
      ];
      expect(Math.abs((after.integratedLufs ?? 0) - (before.integratedLufs ?? 0))).toBeLessThan(0.15);
    });

    it('sets the level, and holds the peak when told to', async () => {
      await bench.tool.encode(bench.tonePath, bench.at('louder.mp3'), { ...PLAIN, gainDb: 6 });
      const before = await bench.tool.measureLoudness(bench.tonePath);
      const louder = await bench.tool.measureLoudness(bench.at('louder.mp3'));
      expect((louder.integratedLufs ?? 0) - (before.integratedLufs ?? 0)).toBeCloseTo(6, 0);
      const told = await bench.tool.encode(bench.tonePath, bench.at('limited.mp3'), {
        ...PLAIN,
        gainDb: 24,
        limit: true,
      });
      const limited = await bench.tool.measureLoudness(bench.at('limited.mp3'));
      // The encoder adds a little to what the limiter let through.
      expect(limited.peak).toBeLessThan(0.95);
      expect(limited.peak).toBeGreaterThan(0.75);
      expect(told?.peak).toBeCloseTo(10 ** (-1.5 / 20), 2);
      expect(Math.abs((told?.integratedLufs ?? 0) - (limited.integratedLufs ?? 0))).toBeLessThan(0.3);
      const [plain, held] = await Promise.all(
        ['tone.mp3', 'limited.mp3'].map((file) => scanMp3(createReadStream(bench.at(file)))),
      );
      expect(held?.frameCount).toBe(plain?.frameCount);
    });

    it('has the highest sample of each 100 ms of the mix', async () => {
      // Two seconds, the left channel alone: half of it is in the mix.
      await bench.makeFrom(
        `aevalsrc='0.8*sin(2*PI*500*t)*gte(t,1)|0':s=44100:d=${SECONDS}`,
        ['-c:a', 'pcm_s16le'],
        'late-left.wav',
      );
      const { waveform, peak } = await bench.tool.measureLoudness(bench.at('late-left.wav'));
      expect([...waveform]).toEqual([...Array<number>(10).fill(0), ...Array<number>(10).fill(102)]);
      expect(peak).toBeCloseTo(0.8, 2);
    });

    it('runs no more at once than it may, and lets those who wait give up', async () => {
      const narrow = await underTest.open({ tempDir: bench.dir, maxAudioHours: 1, maxRuns: 1 });
      const stop = new AbortController();
      const done: string[] = [];
      const first = narrow.measureLoudness(bench.tonePath).then(() => done.push('first'));
      expect(narrow.idleCores()).toBe(0);
      const second = narrow.measureLoudness(bench.tonePath, { signal: stop.signal });
      const third = narrow.measureLoudness(bench.tonePath).then(() => done.push('third'));
      stop.abort();
      await expect(second).rejects.toMatchObject({ code: 'aborted' });
      expect(done).toEqual([]);
      await Promise.all([first, third]);
      expect(done).toEqual(['first', 'third']);
      expect(narrow.idleCores()).toBe(1);
    });

    it('looks into a file for whoever waits, while others are worked on', async () => {
      const narrow = await underTest.open({ tempDir: bench.dir, maxAudioHours: 1, maxRuns: 1 });
      await bench.makeFrom('sine=duration=600', ['-c:a', 'flac'], 'worked-on.flac');
      const stop = new AbortController();
      const { signal } = stop;
      const working = narrow.encode(bench.at('worked-on.flac'), bench.at('never.mp3'), PLAIN, { signal });
      await expect(narrow.probe(bench.tonePath)).resolves.toMatchObject({ durationMs: SECONDS * 1000 });
      expect(narrow.idleCores()).toBe(0);
      stop.abort();
      await expect(working).rejects.toMatchObject({ code: 'aborted' });
    });

    it('tells of progress and of the level so far, and stops when told to', async () => {
      await bench.makeFrom('sine=duration=600', ['-c:a', 'flac'], 'long.flac');
      const doneMs: number[] = [];
      const readings: (SoundLevel & { doneMs: number })[] = [];
      const stop = new AbortController();
      const measuring = bench.tool.measureLoudness(bench.at('long.flac'), {
        signal: stop.signal,
        onProgress: (done) => {
          doneMs.push(done);
          stop.abort();
        },
        onReading: (level, done) => readings.push({ ...level, doneMs: done }),
      });
      await expect(measuring).rejects.toMatchObject({ code: 'aborted' });
      expect(doneMs[0]).toBeGreaterThan(0);
      // A sine of 1/8, put into both channels 3 dB lower each.
      // After ten seconds, or as soon after as what was read with them allows.
      expect(readings[0]?.doneMs).toBeGreaterThanOrEqual(10_000);
      expect(readings[0]?.doneMs).toBeLessThan(10_500);
      expect(readings[0]?.integratedLufs).toBeCloseTo(-21.7, 0);
      expect(readings[0]?.peak).toBeCloseTo(0.088, 2);
      await expect(bench.tool.probe(bench.tonePath, { signal: stop.signal })).rejects.toMatchObject({
        code: 'aborted',
      });
    });

    it('leaves nothing in its working directory', async () => {
      const before = await readdir(bench.dir);
      await bench.tool.probe(bench.tonePath);
      await bench.tool.measureLoudness(bench.tonePath);
      expect(await readdir(bench.dir)).toEqual(before);
    });
  });
}
