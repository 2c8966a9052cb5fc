import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioFileStore } from '../../src/domain/audio-file.ts';
import { audioFile, playablePart, START_MS } from '../sample-records.ts';

export interface OpenAudioFileStore {
  readonly store: AudioFileStore;
  readonly close?: () => Promise<void> | void;
}

/** What every AudioFileStore keeps but lists and search, which have suites of their own. */
export function describeAudioFileStoreContract(
  name: string,
  open: () => OpenAudioFileStore | Promise<OpenAudioFileStore>,
): void {
  describe(`AudioFileStore: ${name}`, () => {
    let opened: OpenAudioFileStore;
    let store: AudioFileStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    it('knows nothing at first', async () => {
      expect(await store.find('default', 'a.mp3')).toBeNull();
      expect(await store.findMany('default', ['a.mp3'])).toEqual([]);
      expect(await store.findMany('default', [])).toEqual([]);
      expect(await store.findByOriginalSha256('default', 'abc')).toBeNull();
      expect(await store.list('default', { sort: 'name', limit: 10 })).toEqual({ items: [] });
      expect(await store.search('default', 'a', 10)).toEqual([]);
      expect(await store.delete('default', 'a.mp3')).toBeNull();
      expect(await store.isObjectReferenced('playable/abc.mp3')).toBe(false);
    });

    it('has another version once a record was made, saved or deleted, and the same until then', async () => {
      const versions = [await store.version()];
      const next = async (): Promise<void> => {
        const version = await store.version();
        await store.findMany('default', ['a.mp3']);
        expect(await store.version()).toBe(version);
        versions.push(version);
      };
      const created = await store.create(audioFile('a.mp3'));
      await next();
      await store.save({ ...created, title: 'Another' }, 1);
      await next();
      await store.delete('default', 'a.mp3');
      await next();
      await store.create(audioFile('a.mp3', { tenantId: 'neighbours' }));
      await next();
      expect(new Set(versions).size).toBe(versions.length);
    });

    it('gives back what was created, field by field', async () => {
      const full = audioFile('Größe “1”.mp3', {
        originalFilename: 'Größe.caf',
        title: 'Gute Nacht, “Mond” ☾',
        description: 'Two\nlines',
        tags: ['night', 'ümläut', 'a,b'],
        artist: 'Märchenerzählerin',
        album: 'Fables, “1”',
        state: 'failed',
        error: 'It could not be read.',
        requestId: 'request-1',
        part: playablePart(),
        durationMs: (10_000 * 1152 * 1000) / 44_100,
        format: { codec: 'aac', sampleRateHz: 48_000, channels: 2, bitrateKbps: 96.5 },
        loudnessLufs: -16.04,
        originalKey: 'originals/abc.caf',
        coverKey: 'covers/abc.png',
        waveformKey: 'waveforms/abc',
        originalSizeBytes: 5_000_000_000,
        transcriptStatus: 'completed',
        hasTranscript: true,
        transcriptKey: 'transcripts/abc.json',
        transcriptText: 'Once upon a time.',
        transcriptExcerpt: 'Once upon',
        transcriptLanguage: 'en-GB',
        transcriptError: 'Nobody listened.',
        transcriptRequestId: 'request-2',
        transcribedAtMs: START_MS + 2,
        updatedAtMs: START_MS + 1,
      });
      const created = await store.create(full);
      expect(created).toEqual({ ...full, revision: 1 });
      expect(await store.find('default', full.filename)).toEqual(created);
      const sparse = await store.create(
        audioFile('sparse.mp3', { part: playablePart({ peak: undefined, constantBitrate: false }) }),
      );
      expect(await store.find('default', 'sparse.mp3')).toEqual(sparse);
      const empty = await store.create(audioFile('empty.mp3', { state: 'processing', durationMs: 0 }));
      const found = await store.find('default', 'empty.mp3');
      expect(found).toEqual(empty);
      expect(found?.part).toBeUndefined();
    });

    it('lets one of many creators of a name win', async () => {
      const creations = Array.from({ length: 20 }, (_, number) =>
        store.create(audioFile('a.mp3', { title: `${number}` })),
      );
      const outcomes = await Promise.allSettled(creations);
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'already_exists' });
      }
      expect(await store.find('default', 'a.mp3')).toEqual(winners[0]?.value);
      await expect(store.create(audioFile('A.mp3'))).resolves.toMatchObject({ filename: 'A.mp3' });
    });

    it('replaces a record and raises its revision', async () => {
      const created = await store.create(
        audioFile('a.mp3', { title: 'Old', error: 'x', part: playablePart(), loudnessLufs: -16 }),
      );
      const saved = await store.save(audioFile('a.mp3', { title: 'New' }), created.revision);
      expect(saved).toEqual(audioFile('a.mp3', { title: 'New', revision: 2 }));
      const found = await store.find('default', 'a.mp3');
      expect(found).toEqual(saved);
      expect(found?.part).toBeUndefined();
    });

    it('saves only over the revision that is there', async () => {
      await expect(store.save(audioFile('a.mp3'), 1)).rejects.toMatchObject({ code: 'not_found' });
      const { revision } = await store.create(audioFile('a.mp3'));
      const outcomes = await Promise.allSettled(
        ['x', 'y', 'z'].map((title) => store.save(audioFile('a.mp3', { title }), revision)),
      );
      const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'conflict' });
      }
      expect(await store.find('default', 'a.mp3')).toEqual(winners[0]?.value);
      await store.delete('default', 'a.mp3');
      await expect(store.save(audioFile('a.mp3'), 2)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('deletes once, and says what was there', async () => {
      const created = await store.create(audioFile('a.mp3', { part: playablePart() }));
      expect(await store.delete('default', 'a.mp3')).toEqual(created);
      expect(await store.delete('default', 'a.mp3')).toBeNull();
      expect(await store.find('default', 'a.mp3')).toBeNull();
      expect(await store.create(audioFile('a.mp3'))).toMatchObject({ revision: 1 });
    });

    it('finds those that there are among 5,000 names, each once', async () => {
      for (const each of ['a.mp3', 'b "quoted".mp3', 'ç.mp3']) await store.create(audioFile(each));
      const wanted = Array.from({ length: 4995 }, (_, number) => `missing ${number}.mp3`);
      wanted.push('a.mp3', 'ç.mp3', 'a.mp3', 'b "quoted".mp3', 'A.mp3');
      const found = await store.findMany('default', wanted);
      expect(found.map(({ filename }) => filename).toSorted()).toEqual(['a.mp3', 'b "quoted".mp3', 'ç.mp3']);
    });

    it('tells of many files what a queue needs to know, as it is in their records', async () => {
      const sound = { part: playablePart(), durationMs: 61_000.5 };
      const described = { title: 'Größe “1”', artist: 'Märchen', coverKey: 'covers/1.jpg' };
      await store.create(audioFile('ready.mp3', { ...sound, ...described, updatedAtMs: START_MS + 9 }));
      await store.create(audioFile('failed.mp3'));
      await store.save(audioFile('failed.mp3', { state: 'failed' }), 1, {
        chapters: [{ title: 'One', startMs: 0 }],
      });
      const found = await store.findMany('default', ['ready.mp3', 'failed.mp3']);
      expect(found).toHaveLength(2);
      for (const file of found) {
        expect(await store.find('default', file.filename)).toMatchObject(file);
        const isReady = file.filename === 'ready.mp3';
        expect(file.state).toBe(isReady ? 'ready' : 'failed');
        expect(file.part?.frameCount).toBe(isReady ? sound.part.frameCount : undefined);
        expect(file.durationMs).toBe(isReady ? sound.durationMs : audioFile('').durationMs);
        expect(file.chapterCount).toBe(isReady ? undefined : 1);
      }
      expect(found.find(({ state }) => state === 'ready')).toMatchObject(described);
    });

    it('finds the oldest file with an upload that is not failed', async () => {
      const copy = { originalSha256: 'same' };
      await store.create(audioFile('failed.mp3', { ...copy, state: 'failed', createdAtMs: START_MS - 9 }));
      expect(await store.findByOriginalSha256('default', 'same')).toBeNull();
      await store.create(audioFile('younger.mp3', { ...copy, createdAtMs: START_MS + 5 }));
      await store.create(audioFile('older.mp3', { ...copy, state: 'processing', createdAtMs: START_MS }));
      await store.create(audioFile('other.mp3', { createdAtMs: START_MS - 5 }));
      expect((await store.findByOriginalSha256('default', 'same'))?.filename).toBe('older.mp3');
      await store.delete('default', 'older.mp3');
      expect((await store.findByOriginalSha256('default', 'same'))?.filename).toBe('younger.mp3');
    });

    it('keeps tenants apart', async () => {
      await store.create(audioFile('a.mp3', { title: 'Ours', originalSha256: 'same' }));
      await store.create(
        audioFile('a.mp3', { title: 'Theirs', tenantId: 'neighbours', originalSha256: 'theirs' }),
      );
      expect((await store.find('default', 'a.mp3'))?.title).toBe('Ours');
      expect(await store.findMany('neighbours', ['a.mp3'])).toMatchObject([{ title: 'Theirs' }]);
      expect(await store.findByOriginalSha256('neighbours', 'same')).toBeNull();
      expect(await store.find('others', 'a.mp3')).toBeNull();
      const { items } = await store.list('neighbours', { sort: 'created', limit: 10 });
      expect(items).toMatchObject([{ title: 'Theirs' }]);
      expect(await store.delete('others', 'a.mp3')).toBeNull();
      await store.delete('neighbours', 'a.mp3');
      expect((await store.find('default', 'a.mp3'))?.title).toBe('Ours');
    });

    describe('chapters', () => {
      const chapters = Array.from({ length: 1000 }, (_, number) => ({
        title: `“${number}” ${'ü'.repeat(90)}`,
        startMs: number * 1000,
      }));
      const chaptersOf = async (...names: string[]) => [...(await store.findChapters('default', names))];

      it('are saved with a record, stay when it is saved without, and are replaced', async () => {
        const { revision } = await store.create(audioFile('a.mp3'));
        await store.create(audioFile('b.mp3'));
        expect(await chaptersOf('a.mp3', 'b.mp3', 'missing.mp3')).toEqual([]);
        const saved = await store.save(audioFile('a.mp3'), revision, { chapters });
        expect(saved).toEqual(audioFile('a.mp3', { revision: 2, chapterCount: 1000 }));
        expect(await store.find('default', 'a.mp3')).toEqual(saved);
        expect(await chaptersOf('a.mp3', 'b.mp3', 'missing.mp3', 'a.mp3')).toEqual([['a.mp3', chapters]]);
        const renamed = await store.save(audioFile('a.mp3', { title: 'New', chapterCount: 7 }), 2);
        expect(renamed.chapterCount).toBe(1000);
        expect(await chaptersOf('a.mp3')).toEqual([['a.mp3', chapters]]);
        await store.save(audioFile('b.mp3'), 1, { chapters: chapters.slice(0, 2) });
        await store.save(audioFile('a.mp3'), 3, { chapters: chapters.slice(0, 1) });
        const both = await store.findChapters('default', ['b.mp3', 'a.mp3']);
        expect(both.get('a.mp3')).toEqual(chapters.slice(0, 1));
        expect(both.get('b.mp3')).toEqual(chapters.slice(0, 2));
        await store.save(renamed, 4, { chapters: [] });
        expect(await chaptersOf('a.mp3')).toEqual([]);
        expect((await store.find('default', 'a.mp3'))?.chapterCount).toBeUndefined();
      });

      it('stay as they were when the record is not saved, and go with it', async () => {
        await store.create(audioFile('a.mp3'));
        await store.save(audioFile('a.mp3'), 1, { chapters });
        await expect(store.save(audioFile('a.mp3'), 1, { chapters: [] })).rejects.toMatchObject({
          code: 'conflict',
        });
        expect(await chaptersOf('a.mp3')).toEqual([['a.mp3', chapters]]);
        expect((await store.findChapters('neighbours', ['a.mp3'])).size).toBe(0);
        await store.delete('default', 'a.mp3');
        const again = await store.create(audioFile('a.mp3', { chapterCount: 7 }));
        expect(again.chapterCount).toBeUndefined();
        expect(await chaptersOf('a.mp3')).toEqual([]);
      });
    });

    it('knows which objects a record of any tenant names', async () => {
      const created = await store.create(
        audioFile('a.mp3', {
          tenantId: 'neighbours',
          part: playablePart({ key: 'playable/1.mp3' }),
          originalKey: 'originals/1.wav',
          coverKey: 'covers/1.jpg',
        }),
      );
      expect(await store.isObjectReferenced('playable/1.mp3')).toBe(true);
      expect(await store.isObjectReferenced('covers/1.jpg')).toBe(true);
      expect(await store.isObjectReferenced('covers/1.png')).toBe(false);
      expect(await store.isObjectReferenced('originals/1.wav')).toBe(true);
      expect(await store.isObjectReferenced('playable/2.mp3')).toBe(false);
      await store.save({ ...created, part: playablePart({ key: 'playable/2.mp3' }) }, created.revision);
      expect(await store.isObjectReferenced('playable/1.mp3')).toBe(false);
      expect(await store.isObjectReferenced('playable/2.mp3')).toBe(true);
      await store.delete('neighbours', 'a.mp3');
      expect(await store.isObjectReferenced('originals/1.wav')).toBe(false);
      expect(await store.isObjectReferenced('covers/1.jpg')).toBe(false);
    });
  });
}
