import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { segmentsOfWords, spreadText, tidySegments } from './spoken-words.ts';

/** Words of 300 ms, 100 ms apart. */
const spoken = (text: string, fromMs = 0) =>
  text
    .split(' ')
    .map((word, at) => ({ startMs: fromMs + at * 400, endMs: fromMs + at * 400 + 300, text: word }));

describe('segmentsOfWords', () => {
  it('ends a line with its sentence', () => {
    expect(segmentsOfWords(spoken('Who is it? It is "I."'))).toEqual([
      { startMs: 0, endMs: 1100, text: 'Who is it?' },
      { startMs: 1200, endMs: 2300, text: 'It is "I."' },
    ]);
  });

  it('ends a line before a pause', () => {
    const words = [...spoken('once upon'), ...spoken('a time', 1300)];
    expect(segmentsOfWords(words).map(({ text }) => text)).toEqual(['once upon', 'a time']);
  });

  it('ends a line of fifteen words, or of ten seconds', () => {
    expect(segmentsOfWords(spoken(Array(16).fill('a').join(' '))).map(({ text }) => text.length)).toEqual([
      29, 1,
    ]);
    const slow = [0, 1, 2, 3].map((at) => ({ startMs: at * 3000, endMs: at * 3000 + 2900, text: 'slow' }));
    expect(segmentsOfWords(slow).map(({ text }) => text)).toEqual(['slow slow slow', 'slow']);
  });

  it('puts no space where the script has none', () => {
    expect(segmentsOfWords(spoken('今天 天气 好， 吗')).map(({ text }) => text)).toEqual(['今天天气好，吗']);
    expect(segmentsOfWords(spoken('我 love 你')).map(({ text }) => text)).toEqual(['我 love 你']);
  });

  it('has nothing of nothing', () => {
    expect(segmentsOfWords([])).toEqual([]);
  });
});

it('spreads sentences over the time in which they were spoken', () => {
  expect(spreadText('One. Three more words.', { startMs: 1000, endMs: 2100 })).toEqual([
    { startMs: 1000, endMs: 1250, text: 'One. ' },
    { startMs: 1250, endMs: 2100, text: 'Three more words.' },
  ]);
  expect(spreadText('', { startMs: 0, endMs: 1 })).toEqual([]);
});

describe('tidySegments', () => {
  it('makes one line of each, inside the piece', () => {
    const rough = [
      { startMs: 900.4, endMs: 1200, text: ' two\u2028\n lines\u0000 ' },
      { startMs: -5, endMs: 100, text: 'first' },
      { startMs: 300, endMs: 400, text: ' \n ' },
    ];
    expect(tidySegments(rough, 1000)).toEqual([
      { startMs: 0, endMs: 100, text: 'first' },
      { startMs: 900, endMs: 1000, text: 'two lines' },
    ]);
  });

  it('whatever comes, is in order and inside', () => {
    const anyMs = fc.oneof(fc.double(), fc.integer());
    const segment = fc.record({ startMs: anyMs, endMs: anyMs, text: fc.string({ unit: 'binary' }) });
    fc.assert(
      fc.property(fc.array(segment), fc.nat(), (rough, durationMs) => {
        let lastMs = 0;
        for (const { startMs, endMs, text } of tidySegments(rough, durationMs)) {
          expect(startMs).toBeGreaterThanOrEqual(lastMs);
          expect(endMs).toBeGreaterThanOrEqual(startMs);
          expect(endMs).toBeLessThanOrEqual(durationMs);
          expect(text).toMatch(/^\S(.*\S)?$/u);
          lastMs = startMs;
        }
      }),
    );
  });
});
