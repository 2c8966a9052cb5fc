import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimFourGigabytes, makeId3, makeSilentFlac, makeToneWav, makeTrailingTags } from '../made-audio.ts';
import { openMediaToolBench, PLAIN, SECONDS } from './media-tool-bench.ts';
import type { MediaToolBench, MediaToolUnderTest } from './media-tool-bench.ts';

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

/** What every media tool makes of what people and attackers bring. */
export function describeMediaToolInput(name: string, underTest: MediaToolUnderTest): void {
  describeFormats(name, underTest);
  describeStrangeFiles(name, underTest);
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

function describeStrangeFiles(name: string, underTest: MediaToolUnderTest): void {
  describe(`MediaTool input: ${name}`, { timeout: 60_000 }, () => {
    let bench: MediaToolBench;
    beforeAll(async () => {
      bench = await openMediaToolBench(underTest);
    });
    afterAll(() => bench.close());

    it('takes a cover for no video, and the sound of a video', async () => {
      await underTest.make(
        [
          '-i',
          `file:${bench.at('tone.mp3')}`,
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
        bench.at('cover.mp3'),
      );
      expect((await bench.tool.probe(bench.at('cover.mp3'))).format.codec).toBe('mp3');
      await bench.makeFrom(
        `testsrc=size=32x32:duration=${SECONDS}[out0];sine=duration=${SECONDS}[out1]`,
        ['-c:v', 'mpeg4', '-c:a', 'aac'],
        'film.mp4',
      );
      expect((await bench.tool.probe(bench.at('film.mp4'))).format.codec).toBe('aac');
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
        ['tag-beyond-the-end.mp3', () => makeId3(200_000_000, bench.mp3)],
        ['playlist.m3u8', () => hlsPlaylist('file:///etc/passwd')],
        ['playlist.mp3', () => hlsPlaylist(`file://${bench.tonePath}`)],
        ['relative-playlist.m3u8', () => hlsPlaylist('tone.mp3')],
        ['script.mp3', () => `ffconcat version 1.0\nfile tone.mp3\n`],
        ['manifest.mpd', () => dashManifest('tone.mp3')],
        [
          'session.sdp',
          () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n',
        ],
      ])('refuses %s', async (file, content) => {
        const path = await bench.put(file, content());
        await expect(bench.tool.probe(path)).rejects.toMatchObject({ code: 'unsupported_media' });
      });

      it('refuses them whatever is asked of it', async () => {
        const path = await bench.put('asked.mp3', hlsPlaylist(`file://${bench.tonePath}`));
        const refusal = { code: 'unsupported_media' };
        await expect(bench.tool.measureLoudness(path)).rejects.toMatchObject(refusal);
        await expect(bench.tool.encode(path, bench.at('never.mp3'), PLAIN)).rejects.toMatchObject(refusal);
      });

      it('refuses a video without sound', async () => {
        await bench.makeFrom('testsrc=size=32x32:duration=1', ['-c:v', 'mpeg4'], 'silent-film.mp4');
        await expect(bench.tool.probe(bench.at('silent-film.mp4'))).rejects.toMatchObject({
          code: 'unsupported_media',
        });
      });

      it.each<readonly [string, () => Uint8Array]>([
        ['truncated.mp3', () => bench.mp3.subarray(0, bench.mp3.length / 2 + 100)],
        ['claims-4-gib.wav', () => claimFourGigabytes(makeToneWav({ seconds: SECONDS / 2 }))],
        [
          'trailing-tags.mp3',
          () => Buffer.concat([bench.mp3.subarray(0, bench.mp3.length / 2), makeTrailingTags()]),
        ],
        [
          'two-tags.mp3',
          () =>
            Buffer.concat([
              makeId3(8, Buffer.alloc(8)),
              makeId3(0),
              bench.mp3.subarray(0, bench.mp3.length / 2),
            ]),
        ],
      ])('plays what there is of %s', async (file, content) => {
        const path = await bench.put(file, content());
        await bench.tool.probe(path);
        const { durationMs } = await bench.tool.measureLoudness(path);
        expect(Math.abs(durationMs - (SECONDS * 1000) / 2)).toBeLessThan(60);
      });

      it('refuses days of silence in a small file by what it claims', async () => {
        const bomb = await bench.put('bomb.flac', makeSilentFlac(72, { claimsLength: true }));
        await expect(bench.tool.probe(bomb)).rejects.toMatchObject({ code: 'too_large' });
      });

      it('stops decoding at the limit when it claims nothing', async () => {
        const strict = await underTest.open({ tempDir: bench.dir, maxAudioHours: 0.02 });
        const bomb = await bench.put('quiet-bomb.flac', makeSilentFlac(1, { claimsLength: false }));
        await expect(strict.measureLoudness(bomb)).rejects.toMatchObject({ code: 'too_large' });
        await expect(strict.encode(bomb, bench.at('bomb.mp3'), PLAIN)).rejects.toMatchObject({
          code: 'too_large',
        });
        expect((await stat(bench.at('bomb.mp3'))).size).toBeLessThan(2_000_000);
      });

      it('says that a file which is not there cannot be read', async () => {
        await expect(bench.tool.probe(bench.at('nowhere.mp3'))).rejects.toMatchObject({
          code: 'storage_unavailable',
        });
      });
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
