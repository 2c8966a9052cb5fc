import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioFile, AudioFileStore } from '../../src/domain/audio-file.ts';
import { transcriptWords } from '../../src/domain/transcript-words.ts';
import type { OpenAudioFileStore } from './audio-file-store.contract.ts';
import { audioFile } from '../sample-records.ts';

/** What every AudioFileStore finds by what is said. */
export function describeTranscriptSearchContract(
  name: string,
  open: () => OpenAudioFileStore | Promise<OpenAudioFileStore>,
): void {
  describe(`AudioFileStore.search by transcripts: ${name}`, () => {
    let opened: OpenAudioFileStore;
    let store: AudioFileStore;

    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close?.());

    const add = (filename: string, change: Partial<AudioFile> = {}): Promise<AudioFile> =>
      store.create(audioFile(filename, change));
    const search = async (text: string, limit = 100): Promise<string[]> => {
      const found = await store.search('default', text, limit);
      return found.map(({ file }) => file.filename);
    };

    const speak = async (filename: string, transcriptWords: readonly string[]): Promise<AudioFile> => {
      const file = await store.find('default', filename);
      if (file === null) throw new Error(`There is no ${filename}.`);
      return store.save(file, file.revision, { transcriptWords });
    };

    it('finds what is said, after all that is written', async () => {
      for (const name of ['1.mp3', '2.mp3', '3.mp3']) await add(name, { title: 'x' });
      await add('4.mp3', { title: 'x', description: 'whale' });
      await add('5.mp3', { title: 'x' });
      await speak('1.mp3', ['once', 'whale']);
      await speak('3.mp3', ['whales', 'once']);
      await speak('4.mp3', ['whale', 'sea']);
      expect(await search('whale')).toEqual(['4.mp3', '3.mp3', '1.mp3']);
      expect(await search('whale', 1)).toEqual(['4.mp3']);
      expect(await search('whale', 2)).toEqual(['4.mp3', '3.mp3']);
      expect(await search('WHÄL')).toEqual(['4.mp3', '3.mp3', '1.mp3']);
      expect(await search('hale')).toEqual([]);
      const [, spoken] = await store.search('default', 'whale', 2);
      expect(spoken).toMatchObject({ file: { filename: '3.mp3' }, matches: [] });
    });

    it('asks for every word, in the record or the transcript', async () => {
      await add('moon.mp3', { title: 'Good night' });
      await add('sun.mp3', { title: 'Good morning' });
      await speak('moon.mp3', ['sleep', 'stars', 'night']);
      await speak('sun.mp3', ['wake', 'stars']);
      expect(await search('good stars')).toEqual(['sun.mp3', 'moon.mp3']);
      expect(await search('star slee')).toEqual(['moon.mp3']);
      expect(await search('stars morning')).toEqual(['sun.mp3']);
      expect(await search('sleep wake')).toEqual([]);
      expect(await search('sleep morning')).toEqual([]);
      expect(await search('good night')).toEqual(['moon.mp3']);
    });

    it('follows every change of a transcript, whatever else is changed', async () => {
      await add('a.mp3', { title: 'Old' });
      await speak('a.mp3', ['first', 'both']);
      const saved = await store.find('default', 'a.mp3');
      if (saved !== null) await store.save({ ...saved, title: 'New' }, saved.revision);
      expect(await search('new first both')).toEqual(['a.mp3']);
      expect(await search('old')).toEqual([]);
      await speak('a.mp3', ['second', 'both']);
      expect(await search('first')).toEqual([]);
      expect(await search('new second both')).toEqual(['a.mp3']);
      const lost = { ...audioFile('a.mp3'), title: 'Lost' };
      await expect(store.save(lost, 1, { transcriptWords: ['lost'] })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(await search('lost')).toEqual([]);
      await speak('a.mp3', []);
      expect(await search('both')).toEqual([]);
      expect(await search('new')).toEqual(['a.mp3']);
      await speak('a.mp3', ['third']);
      await store.delete('default', 'a.mp3');
      expect(await search('third')).toEqual([]);
      await add('a.mp3', { title: 'Again' });
      expect(await search('third')).toEqual([]);
    });

    it('is bounded to the tenant', async () => {
      const theirs = await add('a.mp3', { tenantId: 'neighbours' });
      await store.save(theirs, 1, { transcriptWords: ['whale'] });
      await add('a.mp3');
      expect(await search('whale')).toEqual([]);
      expect(await store.search('neighbours', 'whale', 10)).toHaveLength(1);
    });

    it('takes a word of a hundred thousand letters by its beginning', async () => {
      await add('a.mp3');
      await speak('a.mp3', transcriptWords([`${'ab'.repeat(50_000)} 𞤀𞤣𞤤`]));
      expect(await search('ab'.repeat(15))).toEqual(['a.mp3']);
      expect(await search('ab'.repeat(50))).toEqual(['a.mp3']);
      expect(await search('𞤀𞤣')).toEqual(['a.mp3']);
      expect(await search(`${'ab'.repeat(14)}b`)).toEqual([]);
    });
  });
}
