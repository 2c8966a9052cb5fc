import { describe, expect, it } from 'vitest';
import { findInTranscript } from './transcript-search.ts';
import type { Transcript } from './transcript.ts';

const said = (...texts: string[]): Transcript => ({
  segments: texts.map((text, index) => ({ startMs: index * 1000, endMs: index * 1000 + 900, text })),
  source: 'engine',
});

describe('findInTranscript', () => {
  const tale = said(
    'The sea was calm.',
    'A Whale sang,',
    'and the sea was wide.',
    'Whales at sea sing.',
    'No more.',
  );

  it('tells the first segment that says most of the words', () => {
    expect(findInTranscript(tale, ['calm'])).toEqual({
      field: 'transcript',
      snippet: 'The sea was **calm**.',
      startMs: 0,
    });
    expect(findInTranscript(tale, ['whale'])).toMatchObject({ startMs: 1000, snippet: 'A **Whale** sang,' });
    expect(findInTranscript(tale, ['sea', 'whale'])).toMatchObject({
      startMs: 3000,
      snippet: '**Whales** at **sea** sing.',
    });
    expect(findInTranscript(tale, ['hale', 'nothing'])).toBeNull();
  });

  it('takes the neighbours along that say other words', () => {
    expect(findInTranscript(tale, ['sang', 'wide'])).toMatchObject({
      startMs: 1000,
      snippet: 'A Whale **sang**, and the sea was **wide**.',
    });
    expect(findInTranscript(tale, ['calm', 'whale', 'sang'])).toMatchObject({
      startMs: 0,
      snippet: 'The sea was **calm**. A **Whale** **sang**,',
    });
  });

  it('compares as the search does: without case and accents, by beginnings', () => {
    const other = said('Große Éléphants', '𞤀𞤣𞤤𞤢𞤥');
    expect(findInTranscript(other, ['elepha'])).toMatchObject({ snippet: 'Große **Éléphants**' });
    expect(findInTranscript(other, ['grosse'])).toMatchObject({ startMs: 0 });
    expect(findInTranscript(other, ['lephants'])).toBeNull();
    expect(findInTranscript(other, ['𞤣𞤤'])).toBeNull();
    const long = 'x'.repeat(100_000);
    expect(findInTranscript(said('so', long), [long])?.snippet.length).toBeLessThanOrEqual(200);
  });

  it('knows no time of a whole text', () => {
    const whole = { segments: [], text: `${'so '.repeat(200)}whale`, source: 'older' };
    const match = findInTranscript(whole, ['whale']);
    expect(match).toEqual({
      field: 'transcript',
      snippet: expect.stringMatching(/^….*\*\*whale\*\*$/) as string,
    });
  });

  it('finds in ten hours of speech in little time', () => {
    const hours = said(
      ...Array.from({ length: 10_000 }, (_, number) => `these are nine words of segment ${number} here`),
    );
    const startedAt = performance.now();
    for (let round = 0; round < 10; round += 1) {
      expect(findInTranscript(hours, ['9999', 'whale'])).toMatchObject({ startMs: 9_999_000 });
    }
    expect((performance.now() - startedAt) / 10).toBeLessThan(200);
  });
});
