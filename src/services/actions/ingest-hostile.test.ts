import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import {
  claimFourGigabytes,
  makeId3,
  makeSilentFlac,
  makeToneWav,
  makeTrailingTags,
} from '../../../test/made-audio.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';

const SECONDS = 2;
const WAV = makeToneWav({ seconds: SECONDS, amplitude: 0.1 });
const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n';

describe('what people and attackers upload', { timeout: 60_000 }, () => {
  let bench: IngestBench;
  let mp3: Buffer;

  beforeAll(async () => {
    bench = await openIngestBench({ policy: { maxAudioHours: 0.05 } });
    const [source, target] = [join(bench.tempDir, 'in.wav'), join(bench.tempDir, 'out.mp3')];
    await writeFile(source, WAV);
    await bench.ports.mediaTool.encode(source, target, { profile: DEFAULT_PROFILE, gainDb: 0, limit: false });
    mp3 = await readFile(target);
    await Promise.all([rm(source), rm(target)]);
  }, 60_000);
  afterAll(() => bench.close());
  afterEach(() => bench.ports.audioFiles.delete('default', 'story.mp3'));

  it.each<readonly [string, () => Uint8Array, 'unsupported_media' | 'too_large']>([
    ['text named .mp3', () => Buffer.from('Once upon a time.\n'.repeat(1000)), 'unsupported_media'],
    ['an empty file', () => Buffer.alloc(0), 'unsupported_media'],
    [
      'a PNG',
      () => Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01', 'latin1'),
      'unsupported_media',
    ],
    ['an ID3 tag larger than the file', () => makeId3(200_000_000, mp3), 'unsupported_media'],
    ['a playlist that names a file of the server', () => Buffer.from(PLAYLIST), 'unsupported_media'],
    ['a concat script', () => Buffer.from('ffconcat version 1.0\nfile /etc/passwd\n'), 'unsupported_media'],
    ['a WAV that ends in its header', () => WAV.subarray(0, 30), 'unsupported_media'],
    ['days of silence as FLAC', () => makeSilentFlac(72, { claimsLength: true }), 'too_large'],
    [
      'more silence than is allowed, which claims nothing',
      () => makeSilentFlac(0.2, { claimsLength: false }),
      'too_large',
    ],
    [
      'a longer MP3 than is allowed',
      () => Buffer.concat(Array.from({ length: 100 }, () => mp3)),
      'too_large',
    ],
  ])('%s is refused and leaves nothing', async (_what, content, code) => {
    const request = await bench.upload(content(), { original_filename: 'story.mp3' });
    await expect(bench.run(request)).rejects.toMatchObject({ code });
    expect(await bench.ports.audioFiles.find('default', 'story.mp3')).toBeNull();
    expect(await bench.leftovers()).toEqual([]);
    expect((await bench.ports.objects.list('', { limit: 10 })).items).toEqual([]);
  });

  it.each<readonly [string, () => Uint8Array, number]>([
    ['an MP3 that breaks off', () => mp3.subarray(0, mp3.length / 2 + 100), SECONDS / 2],
    ['a WAV that claims 4 GiB', () => claimFourGigabytes(WAV), SECONDS],
    ['an MP3 with APE, Lyrics3 and ID3v1 tags', () => Buffer.concat([mp3, makeTrailingTags()]), SECONDS],
    [
      'an MP3 after two ID3 tags',
      () => Buffer.concat([makeId3(0), makeId3(9, Buffer.alloc(9)), mp3]),
      SECONDS,
    ],
    ['an MP3 with rubbish inside', () => Buffer.concat([mp3, Buffer.alloc(999, 0x55), mp3]), 2 * SECONDS],
  ])('%s plays for what there is', async (_what, content, seconds) => {
    await bench.run(await bench.upload(content(), { original_filename: 'story.mp3' }));
    const file = await bench.ports.audioFiles.find('default', 'story.mp3');
    expect(file?.state).toBe('ready');
    expect(Math.abs((file?.durationMs ?? 0) - seconds * 1000)).toBeLessThan(150);
    for (const key of [file?.part?.key, file?.originalKey, `index/${file?.part?.sha256}`]) {
      await bench.ports.objects.delete(key ?? '');
    }
  });
});
