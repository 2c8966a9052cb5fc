import { describe, expect, it } from 'vitest';
import { chaptersWithin, MAX_CHAPTERS, tidyChapters } from './chapter.ts';

describe('tidyChapters', () => {
  it('sorts, rounds, keeps the first at each moment, and makes titles one line', () => {
    const told = [
      { title: ' The\n end \u0007', startMs: 9000.4 },
      { title: 'Start', startMs: 0 },
      { title: 'Start again', startMs: 0.2 },
      { title: '\ud800Half', startMs: 500 },
    ];
    expect(tidyChapters(told)).toEqual([
      { title: 'Start', startMs: 0 },
      { title: '\ufffdHalf', startMs: 500 },
      { title: 'The end', startMs: 9000 },
    ]);
  });

  it('leaves out what is at no moment', () => {
    const told = [NaN, -1, Infinity, 2 ** 60].map((startMs) => ({ title: 'x', startMs }));
    expect(tidyChapters(told)).toEqual([]);
    expect(tidyChapters([])).toEqual([]);
  });

  it('keeps the first thousand, with shorter titles the more there are', () => {
    const told = (count: number) =>
      Array.from({ length: count }, (_, number) => ({ title: 'ä'.repeat(400), startMs: count - number }));
    const many = tidyChapters(told(10_000));
    expect(many).toHaveLength(MAX_CHAPTERS);
    expect(many.at(-1)).toEqual({ title: 'ä'.repeat(100), startMs: 1000 });
    expect(Buffer.byteLength(JSON.stringify(many))).toBeLessThan(400_000);
    expect(tidyChapters(told(3))[0]?.title).toBe('ä'.repeat(300));
  });
});

it('chaptersWithin leaves out what begins at the end or after it', () => {
  const chapters = [0, 999, 1000, 1001].map((startMs) => ({ title: '', startMs }));
  expect(chaptersWithin(chapters, 1000).map(({ startMs }) => startMs)).toEqual([0, 999]);
});
