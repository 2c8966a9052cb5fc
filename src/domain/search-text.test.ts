import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_SNIPPET_LENGTH, markMatches, parseSearch, searchableWords } from './search-text.ts';

describe('searchableWords', () => {
  it.each([
    ['my_story-2.mp3', ['my', 'story', '2', 'mp3']],
    ['Éléphants à Zürich', ['elephants', 'a', 'zurich']],
    ['Straße', ['strasse']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['हिन्दी', ['हनद']],
    ['"AND" * (NEAR) --', ['and', 'near']],
    ['… !?', []],
  ])('%s', (text, words) => {
    expect(searchableWords(text)).toEqual(words);
  });
});

describe('parseSearch', () => {
  it('takes each word once and leaves the ending of file names out', () => {
    expect(parseSearch('Story story.mp3 STÓRY')).toEqual(['story']);
    expect(parseSearch('.mp3')).toEqual([]);
    expect(parseSearch('mp3 player')).toEqual(['mp3', 'player']);
  });

  it('refuses more than 50 words', () => {
    const text = Array.from({ length: 51 }, (_, index) => `w${index}`).join(' ');
    expect(() => parseSearch(text)).toThrow(/at most 50 words/);
  });
});

describe('markMatches', () => {
  it('marks words by their beginning, in the text as it is written', () => {
    expect(markMatches('The Éléphant and the elephants', ['elep'])).toBe(
      'The **Éléphant** and the **elephants**',
    );
    expect(markMatches('The mouse', ['elep'])).toBeNull();
  });

  it('shows the surroundings of the first hit in a long text', () => {
    const text = `${'before '.repeat(100)}needle ${'after '.repeat(100)}`;
    const snippet = markMatches(text, ['needle']) ?? '';
    expect(snippet).toMatch(/^…(?:before )+\*\*needle\*\* after .*…$/);
    expect(snippet.length).toBeLessThanOrEqual(MAX_SNIPPET_LENGTH);
  });

  it('never passes 200 characters and never loses the hit', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 300 });
    fc.assert(
      fc.property(word, word, (before, after) => {
        const snippet = markMatches(`${before} needle${after}`, ['needle']) ?? '';
        expect(snippet.length).toBeLessThanOrEqual(MAX_SNIPPET_LENGTH);
        expect(snippet).toContain('**needle');
      }),
    );
  });
});
