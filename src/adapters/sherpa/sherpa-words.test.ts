import { expect, it } from 'vitest';
import { segmentsOfStretch } from './sherpa-words.ts';

const stretch = (text: string, tokens: readonly string[]) =>
  segmentsOfStretch({
    startMs: 1000,
    endMs: 5000,
    text,
    tokens,
    timestamps: tokens.map((_, at) => at * 0.2),
    lang: '',
  });

it.each([
  ['BPE with a mark', 'THE RIVER', ['▁THE', '▁RI', 'VER'], 'the river'],
  ['BPE with a space', ' The river, too', [' The', ' ri', 'ver', ',', ' too'], 'The river, too'],
  ['a mark that stands alone', 'the river', ['▁', 'the', '▁', 'river'], 'the river'],
  ['words that go on', 'hello river', ['hel@@', 'lo', 'river'], 'hello river'],
  ['Chinese', '今天good', ['今', '天', '▁go', 'od'], '今天 good'],
])('puts words together: %s', (_what, text, tokens, line) => {
  expect(stretch(text, tokens).map((segment) => segment.text)).toEqual([line]);
});

it('has the time of the stretch', () => {
  expect(stretch('The river.', [' The', ' river', '.'])).toEqual([
    { startMs: 1000, endMs: 1800, text: 'The river.' },
  ]);
});
