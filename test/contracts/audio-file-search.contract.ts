import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AudioFile, AudioFileStore } from '../../src/domain/audio-file.ts';
import { searchLevel } from '../../src/domain/audio-search.ts';
import { transcriptWords } from '../../src/domain/transcript-words.ts';
import { parseSearch } from '../../src/domain/search-text.ts';
import type { OpenAudioFileStore } from './audio-file-store.contract.ts';
import { describeTranscriptSearchContract } from './transcript-search.contract.ts';
import { audioFile } from '../sample-records.ts';

/** What every AudioFileStore finds. */
export function describeAudioFileSearchContract(
  name: string,
  open: () => OpenAudioFileStore | Promise<OpenAudioFileStore>,
): void {
  describeTranscriptSearchContract(name, open);
  describe(`AudioFileStore.search: ${name}`, () => {
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

    it('finds by the title, the parts of the name, the tags and the description', async () => {
      await add('my_story-2.mp3', {
        title: 'The Éléphant',
        tags: ['bed time'],
        description: 'About\nLondon.',
      });
      await add('other.mp3', { title: 'Nothing' });
      for (const text of ['elephant', 'my', 'story', '2', 'my_story-2.mp3', 'time', 'london', 'ABOUT']) {
        expect(await search(text), text).toEqual(['my_story-2.mp3']);
      }
    });

    it('takes each word as a beginning, without regard to case and accents', async () => {
      await add('a.mp3', { title: 'Große Straße nach Zürich, ὀδός' });
      for (const text of [
        'gro',
        'GROSSE',
        'strasse',
        'STRAßE',
        'zur',
        'ZÜR',
        'Zu\u0308rich',
        'οδο',
        'ὈΔΌΣ',
      ]) {
        expect(await search(text), text).toEqual(['a.mp3']);
      }
      for (const text of ['osse', 'rich', 'zurichs']) expect(await search(text), text).toEqual([]);
    });

    it('asks for every word, wherever it is', async () => {
      await add('moon.mp3', { title: 'Good night', tags: ['sleep'] });
      await add('sun.mp3', { title: 'Good morning', tags: ['wake'] });
      expect(await search('good moon')).toEqual(['moon.mp3']);
      expect(await search('sleep nig GOOD')).toEqual(['moon.mp3']);
      expect(await search('good moon wake')).toEqual([]);
    });

    it('drops what has no letter or digit; with nothing left, nothing is found', async () => {
      await add('a.mp3', { title: 'Rock & Roll' });
      expect(await search('rock & -- roll!')).toEqual(['a.mp3']);
      for (const text of ['', '   ', '&', '** "" ()', '.mp3']) expect(await search(text), text).toEqual([]);
    });

    it.each([
      '"',
      "'",
      '"roll',
      'roll"',
      'NEAR(roll 1)',
      'title:',
      'title:roll',
      '{title}:roll',
      '-roll',
      '^roll',
      'roll*',
      '*',
      'AND',
      'roll AND',
      'NOT roll',
      'OR',
      '(roll',
      'roll)',
      'roll + rock',
      "'; DROP TABLE audio_files; --",
      '\0',
      '\ud800',
      'a'.repeat(10_000),
      '𞤀𞤣𞤤',
      'roll 𞤀',
    ])('takes %j as words, never as a language', async (text) => {
      await add('a.mp3', { title: 'Rock & Roll' });
      await expect(search(text)).resolves.toBeInstanceOf(Array);
      expect(await search('roll')).toEqual(['a.mp3']);
    });

    it('does not read an operator into the words', async () => {
      await add('1.mp3', { title: 'roll' });
      await add('2.mp3', { title: 'rock or roll, near title' });
      expect(await search('rock OR roll')).toEqual(['2.mp3']);
      expect(await search('title:roll')).toEqual(['2.mp3']);
      expect(await search('NEAR(roll rock)')).toEqual(['2.mp3']);
    });

    it('refuses more than 50 words', async () => {
      const text = Array.from({ length: 51 }, (_, number) => `w${number}`).join(' ');
      await expect(search(text)).rejects.toMatchObject({ code: 'invalid_input' });
    });

    it('gives the best first: title, name, tags, description', async () => {
      await add('1.mp3', { title: 'x', description: 'whale whale whale' });
      await add('2.mp3', { title: 'x', tags: ['whale'] });
      await add('3 whale.mp3', { title: 'x' });
      await add('4.mp3', { title: 'The whale' });
      for (let number = 0; number < 10; number += 1) await add(`x${number}.mp3`, { title: 'x' });
      expect(await search('whale')).toEqual(['4.mp3', '3 whale.mp3', '2.mp3', '1.mp3']);
      expect(await search('whale', 2)).toEqual(['4.mp3', '3 whale.mp3']);
    });

    it('gives titles first, however old and however many others match', async () => {
      await add('old.mp3', { title: 'The story of the whale' });
      for (let number = 0; number < 1200; number += 25) {
        const some = Array.from({ length: 25 }, (_, offset) => `story ${number + offset}.mp3`);
        await Promise.all(some.map((name) => add(name, { title: 'x', tags: ['whale'] })));
      }
      expect((await search('story', 3))[0]).toBe('old.mp3');
      expect((await search('story whale', 1))[0]).toBe('old.mp3');
      expect(await search('s')).toHaveLength(100);
    });

    it('gives whole words of the title before longer ones, and of equals first what came last', async () => {
      await add('1.mp3', { title: 'Art' });
      await add('2.mp3', { title: 'The art of sleep' });
      await add('3.mp3', { title: 'Artichokes' });
      await add('4.mp3', { title: 'Arthur' });
      expect(await search('art')).toEqual(['2.mp3', '1.mp3', '4.mp3', '3.mp3']);
      expect(await search('art', 3)).toEqual(['2.mp3', '1.mp3', '4.mp3']);
      const first = await store.find('default', '1.mp3');
      if (first !== null) await store.save({ ...first, title: 'Art and sleep' }, 1);
      expect(await search('art', 1)).toEqual(['2.mp3']);
      await store.delete('default', '1.mp3');
      await add('1.mp3', { title: 'Art' });
      expect(await search('art', 2)).toEqual(['1.mp3', '2.mp3']);
    });

    it('finds for any words what `searchLevel` says, in its order, however few are asked for', async () => {
      const syllables = ['mo', 'on', 'mon', 'sun', 'su', 'ra', 'ö'];
      // Any numbers will do that are the same each time.
      const pick = (seed: number): string =>
        syllables[((seed * 2_654_435_761) % 97) % syllables.length] ?? '';
      const text = (seed: number, words: number): string =>
        Array.from({ length: words }, (_, index) => pick(seed + index) + pick(seed * 3 + index)).join(' ');
      const files: AudioFile[] = [];
      const said = new Map<string, readonly string[]>();
      for (let number = 0; number < 150; number += 1) {
        const file = await add(`${text(number * 5, 1)} ${number}.mp3`, {
          title: text(number * 7, number % 3),
          tags: [text(number * 11, 1)],
          description: text(number * 13, number % 5),
        });
        const words = transcriptWords([text(number * 17, number % 4)]);
        said.set(file.filename, words);
        files.unshift(await store.save(file, 1, { transcriptWords: words }));
      }
      for (const query of ['mo', 'moon', 'su ra', 'ö', 'sun mon', 'm s', '1 mo', 'on on', 'mosu nothing']) {
        const words = parseSearch(query);
        const expected = [0, 1, 2, 3, 4, 5].flatMap((level) =>
          files
            .filter((file) => searchLevel(file, words, said.get(file.filename)) === level)
            .map(({ filename }) => filename),
        );
        for (const limit of [1, 5, 20, 100]) {
          expect(await search(query, limit), `${query} ${limit}`).toEqual(expected.slice(0, limit));
        }
      }
    });

    it('tells the fields that matched, with the words marked', async () => {
      await add('big_whale.mp3', {
        title: 'The Whales’ song',
        tags: ['sea', 'whale'],
        description: `${'deep '.repeat(100)} whale ${'water '.repeat(100)}`,
      });
      const [match] = await store.search('default', 'whale sea', 10);
      const [title, filename, tags, description] = match?.matches ?? [];
      expect(title).toEqual({ field: 'title', snippet: 'The **Whales**’ song' });
      expect(filename).toEqual({ field: 'filename', snippet: 'big_**whale**' });
      expect(tags).toEqual({ field: 'tags', snippet: '**sea**, **whale**' });
      expect(description?.field).toBe('description');
      expect(description?.snippet).toMatch(/deep \*\*whale\*\* water/);
      expect(description?.snippet.length).toBeLessThanOrEqual(200);
      const [byTitle] = await store.search('default', 'song', 10);
      expect(byTitle?.matches.map(({ field }) => field)).toEqual(['title']);
    });

    it('follows every change of a record', async () => {
      const created = await add('a.mp3', { title: 'Old', tags: ['red'] });
      const saved = await store.save({ ...created, title: 'New', tags: ['blue'] }, 1);
      expect(await search('old')).toEqual([]);
      expect(await search('red')).toEqual([]);
      expect(await search('new blue')).toEqual(['a.mp3']);
      await expect(store.save({ ...saved, title: 'Lost' }, 1)).rejects.toMatchObject({ code: 'conflict' });
      expect(await search('lost')).toEqual([]);
      await store.save({ ...saved, durationMs: 5 }, 2);
      expect((await store.search('default', 'new', 1))[0]?.file).toMatchObject({
        revision: 3,
        durationMs: 5,
      });
      await expect(add('a.mp3', { title: 'Twin' })).rejects.toMatchObject({ code: 'already_exists' });
      expect(await search('twin')).toEqual([]);
      await store.delete('default', 'a.mp3');
      expect(await search('new')).toEqual([]);
    });

    it('is bounded to the tenant', async () => {
      for (let number = 0; number < 20; number += 1) {
        await add(`${number}.mp3`, { title: 'whale', tenantId: 'neighbours' });
      }
      await add('ours.mp3', { description: 'whale default' });
      expect(await search('whale', 1)).toEqual(['ours.mp3']);
      expect(await search('neighbours')).toEqual([]);
      expect(await store.search('others', 'whale', 10)).toEqual([]);
    });
  });
}
