import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { audioFile } from '../../../test/sample-records.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { RETIRED_FOR_MS } from '../../domain/retired-object.ts';
import { deleteAudio } from '../delete-audio.ts';
import { saveTranscript } from '../save-transcript.ts';
import type { Ports } from '../ports.ts';
import { sweepRetired } from '../sweep-retired.ts';

const USER = {
  userId: 'user',
  username: 'u',
  tenantId: 'default',
  isAdmin: false,
  scopes: ['write'],
} as const;

describe('what a file tells about itself', { timeout: 60_000 }, () => {
  let bench: IngestBench;
  let book: Uint8Array;

  beforeAll(async () => {
    book = await readFile(new URL('../../../test/fixtures/book.m4b', import.meta.url));
  });
  beforeEach(async () => {
    bench = await openIngestBench();
    return () => bench.close();
  });

  async function takeIn(content: Uint8Array, payload = {}): Promise<AudioFile> {
    await bench.run(await bench.upload(content, payload));
    const filename = 'filename' in payload ? String(payload.filename) : 'story.mp3';
    const file = await bench.ports.audioFiles.find('default', filename);
    if (file?.state !== 'ready') throw new Error(`${filename} is not ready`);
    return file;
  }
  const keys = async (): Promise<string[]> =>
    (await bench.ports.objects.list('', { limit: 100 })).items.map(({ key }) => key);
  const isThere = async (key = '') => (await bench.ports.objects.find(key)) !== null;
  async function sweepLater(): Promise<void> {
    const later: Ports = { ...bench.ports, clock: () => Date.now() + RETIRED_FOR_MS + 60_000 };
    await sweepRetired(later);
    expect(await later.retired.listDue(Infinity, 10)).toEqual([]);
  }

  it('is kept: artist, album, chapters within the sound, cover, peaks', async () => {
    const file = await takeIn(book, { original_filename: 'Book.m4b' });
    expect(file).toMatchObject({
      title: 'Der Hase und der Igel',
      artist: 'Märchenerzählerin',
      album: 'Fabeln',
      waveformKey: `waveforms/${file.part?.sha256}`,
    });
    expect(file.coverKey).toMatch(/^covers\/[0-9a-f]{64}\.jpg$/);
    const cover = await bench.ports.objects.readRange(file.coverKey ?? '', { start: 0, endExclusive: 1790 });
    expect([...cover.subarray(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
    const chapters = await bench.ports.audioFiles.findChapters('default', ['story.mp3']);
    expect(chapters.get('story.mp3')?.map(({ startMs }) => startMs)).toEqual([0, 1000, 2500]);
  });

  it('has peaks at the level that is heard', async () => {
    const { waveformKey, part } = await takeIn(makeToneWav({ seconds: 3, amplitude: 0.02 }));
    const peaks = await bench.ports.objects.readRange(waveformKey ?? '', { start: 0, endExclusive: 30 });
    const heard = (part?.peak ?? 0) * 255;
    // A sine at the target loudness; its peak was 5 of 255 before.
    expect(heard).toBeGreaterThan(30);
    for (const peak of peaks) expect(Math.abs(peak - heard)).toBeLessThan(6);
  });

  it('leaves out chapters that begin after the end', async () => {
    const read = async () => ({ chapters: [0, 2999, 3500, 9000].map((startMs) => ({ title: '', startMs })) });
    const request = await bench.upload(makeToneWav({ seconds: 3 }), {});
    await bench.run(request, {}, { ...bench.ports, tagReader: { read } });
    const chapters = await bench.ports.audioFiles.findChapters('default', ['story.mp3']);
    expect(chapters.get('story.mp3')?.map(({ startMs }) => startMs)).toEqual([0, 2999]);
  });

  it('goes with the file that is replaced, once nobody can be listening to it', async () => {
    const old = await takeIn(book, { original_filename: 'Book.m4b' });
    const file = await takeIn(makeToneWav({ seconds: 1 }), { replace: true });
    expect([file.artist, file.album, file.coverKey]).toEqual([undefined, undefined, undefined]);
    expect((await bench.ports.audioFiles.findChapters('default', ['story.mp3'])).size).toBe(0);
    expect([await isThere(old.coverKey), await isThere(old.waveformKey)]).toEqual([true, true]);
    await sweepLater();
    const kept = [file.part?.key, file.originalKey, file.waveformKey, `index/${file.part?.sha256}`];
    expect(await keys()).toEqual(kept.toSorted());
  });

  it('takes the transcript of the audio before along, and not that of a record without audio', async () => {
    await takeIn(makeToneWav({ seconds: 2 }));
    const words = { segments: [{ startMs: 0, endMs: 900, text: 'A whale.' }], source: 'engine' };
    const old = await saveTranscript(bench.ports, 'default', 'story.mp3', words);
    const file = await takeIn(makeToneWav({ seconds: 1 }), { replace: true });
    expect(file).toMatchObject({ transcriptStatus: 'disabled', hasTranscript: false });
    expect([file.transcriptKey, file.transcriptExcerpt]).toEqual([undefined, undefined]);
    const found = () => bench.ports.audioFiles.search('default', 'whale', 10);
    expect(await found()).toEqual([]);
    expect(await isThere(old.transcriptKey)).toBe(true);
    await sweepLater();
    expect(await isThere(old.transcriptKey)).toBe(false);

    const migrated = audioFile('migrated.mp3', { hasTranscript: true, transcriptText: 'A whale.' });
    const created = await bench.ports.audioFiles.create(migrated);
    await bench.ports.audioFiles.save(created, 1, { transcriptWords: ['a', 'whale'] });
    const taken = await takeIn(makeToneWav({ seconds: 1 }), { filename: 'migrated.mp3', replace: true });
    expect(taken).toMatchObject({ hasTranscript: true, transcriptText: 'A whale.', state: 'ready' });
    expect(await found()).toHaveLength(1);
  });

  it('goes with the last file that has it, and leaves nothing behind', async () => {
    const first = await takeIn(book, { filename: 'first.mp3', original_filename: 'Book.m4b' });
    const second = await takeIn(book, { filename: 'second.mp3', original_filename: 'Book.m4b' });
    const words = { segments: [], text: 'A whale.', source: 'engine' };
    await saveTranscript(bench.ports, 'default', 'second.mp3', words);
    expect(second.coverKey).toBe(first.coverKey);
    await deleteAudio(bench.ports, USER, 'first.mp3', false);
    await sweepLater();
    for (const key of [second.part?.key, second.coverKey, second.waveformKey, second.originalKey]) {
      expect(await isThere(key)).toBe(true);
    }
    await deleteAudio(bench.ports, USER, 'second.mp3', false);
    expect(await isThere(second.coverKey)).toBe(true);
    await sweepLater();
    expect(await keys()).toEqual([]);
  });
});
