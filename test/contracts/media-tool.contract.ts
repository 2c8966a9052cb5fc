import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanMp3 } from '../../src/audio/mp3-scan.ts';
import { fitsProfile } from '../../src/audio/playable.ts';
import { DEFAULT_PROFILE } from '../../src/domain/media-tool.ts';
import type { EncodeOptions, MediaTool } from '../../src/domain/media-tool.ts';
import { claimFourGigabytes, makeId3, makeSilentFlac, makeToneWav, makeTrailingTags } from '../made-audio.ts';

export interface MediaToolUnderTest {
  readonly open: (limits: { readonly tempDir: string; readonly maxAudioHours: number }) => Promise<MediaTool>;
  /** Makes a file with ffmpeg's own arguments: what the tests cannot write byte by byte. */
  readonly make: (ffmpegArguments: readonly string[], outputPath: string) => Promise<void>;
  /** Every format takes two starts, which WebAssembly is slow at: the slow suite has them all, the other the common. */
  readonly formats?: 'common' | 'all';
}

const PLAIN: EncodeOptions = { profile: DEFAULT_PROFILE, gainDb: 0, limit: false };
const SECONDS = 2;

/** A way to encode for each kind of file that people bring. */
const FORMATS: readonly (readonly [file: string, codec: string, ffmpegArguments: readonly string[]])[] = [
  ['a.m4a', 'aac', ['-c:a', 'aac']],
  ['a.m4b', 'aac', ['-c:a', 'aac', '-f', 'ipod']],
  ['a.mov', 'alac', ['-c:a', 'alac']],
  ['a.caf', 'pcm_s16be', ['-c:a', 'pcm_s16be']],
  ['a.aiff', 'pcm_s16be', []],
  ['a.flac', 'flac', []],
  ['a.ogg', 'vorbis', ['-c:a', 'libvorbis']],
  ['a.opus', 'opus', ['-c:a', 'libopus']],
  ['a.webm', 'opus', ['-c:a', 'libopus']],
  ['a.mka', 'mp3', ['-c:a', 'libmp3lame']],
  ['a.wma', 'wmav2', ['-c:a', 'wmav2']],
  ['a.aac', 'aac', ['-c:a', 'aac']],
  ['a.ac3', 'ac3', []],
  ['a.wav', 'pcm_f32le', ['-c:a', 'pcm_f32le']],
  ['a.w64', 'pcm_s16le', []],
  ['a.au', 'pcm_s16be', []],
  ['a.tta', 'tta', []],
  ['a.mp2', 'mp2', []],
  ['a.ts', 'mp2', ['-c:a', 'mp2']],
];

const COMMON_FORMATS: ReadonlySet<string> = new Set(['a.m4a', 'a.flac', 'a.ogg', 'a.opus', 'a.wma', 'a.wav']);

/** What every media tool keeps to. */
export function describeMediaToolContract(name: string, tool: MediaToolUnderTest): void {
  describeFormats(name, tool);
  describeTool(name, tool);
}

/** That it decodes what people bring. */
export function describeFormats(name: string, { open, make, formats = 'all' }: MediaToolUnderTest): void {
  describe(`MediaTool formats: ${name}`, { timeout: 60_000 }, () => {
    let dir: string;
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'earshot-'));
    });
    afterAll(() => rm(dir, { recursive: true }));
    const table = FORMATS.filter(([file]) => formats === 'all' || COMMON_FORMATS.has(file));

    it.concurrent.each(table)('decodes %s (%s)', async (file, codec, ffmpegArguments) => {
      const path = join(dir, file);
      const sine = `sine=frequency=440:sample_rate=48000:duration=${SECONDS}`;
      await make(['-f', 'lavfi', '-i', sine, ...ffmpegArguments], path);
      const tool = await open({ tempDir: dir, maxAudioHours: 1 });
      expect((await tool.probe(path)).format).toMatchObject({ codec, sampleRateHz: 48_000, channels: 1 });
    });
  });
}

function describeTool(name: string, { open, make }: MediaToolUnderTest): void {
  describe(`MediaTool: ${name}`, { timeout: 60_000 }, () => {
    let dir: string;
    let tool: MediaTool;
    let tonePath: string;
    let mp3: Buffer;

    const at = (file: string) => join(dir, file);
    const put = async (file: string, content: Uint8Array | string) => {
      await writeFile(at(file), content);
      return at(file);
    };
    const makeFrom = (lavfi: string, ffmpegArguments: readonly string[], file: string) =>
      make(['-f', 'lavfi', '-i', lavfi, ...ffmpegArguments], at(file));

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'earshot-'));
      tool = await open({ tempDir: dir, maxAudioHours: 1 });
      tonePath = await put('tone.wav', makeToneWav({ seconds: SECONDS, amplitude: 0.1 }));
      await tool.encode(tonePath, at('tone.mp3'), PLAIN);
      mp3 = Buffer.concat((await createReadStream(at('tone.mp3')).toArray()) as Buffer[]);
    }, 60_000);
    afterAll(() => rm(dir, { recursive: true }));

    it('says what it is', async () => {
      expect(await tool.describe()).toMatchObject({ version: expect.stringMatching(/\d/) as string });
    });

    it('probes', async () => {
      const format = { codec: 'pcm_s16le', sampleRateHz: 44_100, channels: 2, bitrateKbps: 1411 };
      expect(await tool.probe(tonePath)).toEqual({ format, durationMs: SECONDS * 1000 });
    });

    it('encodes to the profile: no reservoir, no tags, no Info frame', async () => {
      const scan = await scanMp3(createReadStream(at('tone.mp3')));
      expect(scan).toMatchObject({ channels: 2, constantBitrate: true, bitrateKbps: 128, junkBytes: 0 });
      expect(scan !== null && fitsProfile(scan, DEFAULT_PROFILE)).toBe(true);
      expect(scan?.audioBytes).toBe((await stat(at('tone.mp3'))).size);
    });

    it('measures loudness and peak as they will be heard, in two channels', async () => {
      const stereo = await tool.measureLoudness(tonePath);
      const mono = await tool.measureLoudness(
        await put(
          'mono.wav',
          makeToneWav({ seconds: SECONDS, amplitude: 0.1, channels: 1, sampleRateHz: 22_050 }),
        ),
      );
      // A sine of -20 dBFS in two channels: -23 dB of power in each, +3 dB for two, -0.7 dB for the weighting.
      expect(stereo.integratedLufs).toBeCloseTo(-20.7, 0);
      expect(stereo.peak).toBeCloseTo(0.1, 2);
      expect(stereo.durationMs).toBeCloseTo(SECONDS * 1000, 0);
      await tool.encode(at('mono.wav'), at('mono.mp3'), PLAIN);
      const heard = await tool.measureLoudness(at('mono.mp3'));
      // The delay of the encoder is silence that counts in so short a sound; half the power would be 3 dB.
      expect(Math.abs((heard.integratedLufs ?? 0) - (mono.integratedLufs ?? 0))).toBeLessThan(1);
    });

    it('finds no loudness in silence', async () => {
      const silence = await put('silence.wav', makeToneWav({ seconds: SECONDS, amplitude: 0 }));
      const loudness = await tool.measureLoudness(silence);
      expect(loudness).not.toHaveProperty('integratedLufs');
      expect(loudness.peak).toBe(0);
    });

    it('keeps the level where none is asked for', async () => {
      const even = await put('even.wav', makeToneWav({ seconds: 8, amplitude: 0.25, frequencyHz: 1000 }));
      await tool.encode(even, at('even.mp3'), PLAIN);
      const [before, after] = [await tool.measureLoudness(even), await tool.measureLoudness(at('even.mp3'))];
      expect(Math.abs((after.integratedLufs ?? 0) - (before.integratedLufs ?? 0))).toBeLessThan(0.15);
    });

    it('sets the level, and holds the peak when told to', async () => {
      await tool.encode(tonePath, at('louder.mp3'), { ...PLAIN, gainDb: 6 });
      const before = await tool.measureLoudness(tonePath);
      const louder = await tool.measureLoudness(at('louder.mp3'));
      expect((louder.integratedLufs ?? 0) - (before.integratedLufs ?? 0)).toBeCloseTo(6, 0);
      await tool.encode(tonePath, at('limited.mp3'), { ...PLAIN, gainDb: 24, limit: true });
      const limited = await tool.measureLoudness(at('limited.mp3'));
      // The encoder adds a little to what the limiter let through.
      expect(limited.peak).toBeLessThan(0.95);
      expect(limited.peak).toBeGreaterThan(0.75);
      const [plain, held] = await Promise.all(
        ['tone.mp3', 'limited.mp3'].map((file) => scanMp3(createReadStream(at(file)))),
      );
      expect(held?.frameCount).toBe(plain?.frameCount);
    });

    it('tells of progress and stops when told to', async () => {
      await makeFrom('sine=duration=600', ['-c:a', 'flac'], 'long.flac');
      const doneMs: number[] = [];
      const stop = new AbortController();
      const measuring = tool.measureLoudness(at('long.flac'), {
        signal: stop.signal,
        onProgress: (done) => {
          doneMs.push(done);
          stop.abort();
        },
      });
      await expect(measuring).rejects.toMatchObject({ code: 'aborted' });
      expect(doneMs[0]).toBeGreaterThan(0);
      await expect(tool.probe(tonePath, { signal: stop.signal })).rejects.toMatchObject({ code: 'aborted' });
    });

    it('takes a cover for no video, and the sound of a video', async () => {
      await make(
        [
          '-i',
          `file:${at('tone.mp3')}`,
          '-f',
          'lavfi',
          '-i',
          'color=c=red:size=32x32:duration=0.04:rate=25',
        ].concat([
          '-map',
          '0:a',
          '-map',
          '1:v',
          '-c:a',
          'copy',
          '-c:v',
          'mjpeg',
          '-disposition:v',
          'attached_pic',
        ]),
        at('cover.mp3'),
      );
      expect((await tool.probe(at('cover.mp3'))).format.codec).toBe('mp3');
      await makeFrom(
        `testsrc=size=32x32:duration=${SECONDS}[out0];sine=duration=${SECONDS}[out1]`,
        ['-c:v', 'mpeg4', '-c:a', 'aac'],
        'film.mp4',
      );
      expect((await tool.probe(at('film.mp4'))).format.codec).toBe('aac');
    });

    describe('hostile, broken and mislabelled files', () => {
      it.concurrent.each<readonly [string, () => Uint8Array | string]>([
        ['text.mp3', () => 'Once upon a time there was a text.\n'.repeat(100)],
        ['empty.mp3', () => ''],
        ['picture.mp3', () => Buffer.from(PNG, 'base64')],
        ['document.mp3', () => `%PDF-1.7\n${'1 0 obj << /Type /Catalog >> endobj\n'.repeat(500)}`],
        ['zeros.mp3', () => new Uint8Array(100_000)],
        ['noise.mp3', () => pseudoRandomBytes(300_000)],
        ['header-only.wav', () => makeToneWav({ seconds: 1 }).subarray(0, 40)],
        ['header-only.flac', () => makeSilentFlac(1, { claimsLength: true }).subarray(0, 42)],
        ['tag-only.mp3', () => makeId3(1000, new Uint8Array(1000))],
        ['tag-beyond-the-end.mp3', () => makeId3(200_000_000, mp3)],
        ['playlist.m3u8', () => hlsPlaylist('file:///etc/passwd')],
        ['playlist.mp3', () => hlsPlaylist(`file://${tonePath}`)],
        ['relative-playlist.m3u8', () => hlsPlaylist('tone.mp3')],
        ['script.mp3', () => `ffconcat version 1.0\nfile tone.mp3\n`],
        ['manifest.mpd', () => dashManifest('tone.mp3')],
        [
          'session.sdp',
          () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n',
        ],
      ])('refuses %s', async (file, content) => {
        const path = await put(file, content());
        await expect(tool.probe(path)).rejects.toMatchObject({ code: 'unsupported_media' });
      });

      it('refuses them whatever is asked of it', async () => {
        const path = await put('asked.mp3', hlsPlaylist(`file://${tonePath}`));
        const refusal = { code: 'unsupported_media' };
        await expect(tool.measureLoudness(path)).rejects.toMatchObject(refusal);
        await expect(tool.encode(path, at('never.mp3'), PLAIN)).rejects.toMatchObject(refusal);
      });

      it('refuses a video without sound', async () => {
        await makeFrom('testsrc=size=32x32:duration=1', ['-c:v', 'mpeg4'], 'silent-film.mp4');
        await expect(tool.probe(at('silent-film.mp4'))).rejects.toMatchObject({ code: 'unsupported_media' });
      });

      it.each<readonly [string, () => Uint8Array]>([
        ['truncated.mp3', () => mp3.subarray(0, mp3.length / 2 + 100)],
        ['claims-4-gib.wav', () => claimFourGigabytes(makeToneWav({ seconds: SECONDS / 2 }))],
        ['trailing-tags.mp3', () => Buffer.concat([mp3.subarray(0, mp3.length / 2), makeTrailingTags()])],
        [
          'two-tags.mp3',
          () => Buffer.concat([makeId3(8, Buffer.alloc(8)), makeId3(0), mp3.subarray(0, mp3.length / 2)]),
        ],
      ])('plays what there is of %s', async (file, content) => {
        const path = await put(file, content());
        await tool.probe(path);
        const { durationMs } = await tool.measureLoudness(path);
        expect(Math.abs(durationMs - (SECONDS * 1000) / 2)).toBeLessThan(60);
      });

      it('refuses days of silence in a small file by what it claims', async () => {
        const bomb = await put('bomb.flac', makeSilentFlac(72, { claimsLength: true }));
        await expect(tool.probe(bomb)).rejects.toMatchObject({ code: 'too_large' });
      });

      it('stops decoding at the limit when it claims nothing', async () => {
        const strict = await open({ tempDir: dir, maxAudioHours: 0.02 });
        const bomb = await put('quiet-bomb.flac', makeSilentFlac(1, { claimsLength: false }));
        await expect(strict.measureLoudness(bomb)).rejects.toMatchObject({ code: 'too_large' });
        await expect(strict.encode(bomb, at('bomb.mp3'), PLAIN)).rejects.toMatchObject({ code: 'too_large' });
        expect((await stat(at('bomb.mp3'))).size).toBeLessThan(2_000_000);
      });

      it('says that a file which is not there cannot be read', async () => {
        await expect(tool.probe(at('nowhere.mp3'))).rejects.toMatchObject({ code: 'storage_unavailable' });
      });
    });

    it('leaves nothing in its working directory', async () => {
      const before = await readdir(dir);
      await tool.probe(tonePath);
      await tool.measureLoudness(tonePath);
      expect(await readdir(dir)).toEqual(before);
    });
  });
}

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function hlsPlaylist(url: string): string {
  return `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n${url}\n#EXT-X-ENDLIST\n`;
}

function dashManifest(url: string): string {
  return (
    '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S">' +
    '<Period><AdaptationSet mimeType="audio/mpeg"><Representation id="1" bandwidth="128000">' +
    `<BaseURL>${url}</BaseURL></Representation></AdaptationSet></Period></MPD>\n`
  );
}

/** The same noise in every run. */
function pseudoRandomBytes(length: number): Uint8Array {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}
