import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { characterCount, sentencesOf, splitText } from './split-text.ts';

const withoutBlanks = (text: string): string => text.replace(/\s/gu, '');

describe('splitText', () => {
  it('loses nothing but blanks, and keeps to the limit', () => {
    const unit = fc.oneof(
      fc.constantFrom(' ', '\n\n', '. ', ', ', '。', '।', '؟', '！', '👩‍👩‍👧', 'e\u0301', '1,000', 'word'),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
    );
    const texts = fc.array(unit, { maxLength: 60 }).map((units) => units.join(''));
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, max) => {
        const pieces = splitText(text, max);
        expect(withoutBlanks(pieces.join(''))).toBe(withoutBlanks(text));
        for (const piece of pieces) expect(characterCount(piece)).toBeLessThanOrEqual(max);
        // Well-formed: no surrogate pair was torn apart.
        expect(pieces.every((piece) => piece.isWellFormed())).toBe(
          text.isWellFormed() || pieces.length === 0,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('cuts at paragraphs first, then at sentences, clauses and words', () => {
    expect(splitText('One two.\n\nThree four. Five six.', 22)).toEqual(['One two.', 'Three four. Five six.']);
    expect(splitText('Three four. Five six.', 12)).toEqual(['Three four.', 'Five six.']);
    expect(splitText('Of 1,000 hares, one ran.', 16)).toEqual(['Of 1,000 hares,', 'one ran.']);
    expect(splitText('hedgehogs are quick', 10)).toEqual(['hedgehogs', 'are quick']);
  });

  it.each([
    ['Chinese', '你好世界。今天天气很好。', 7, ['你好世界。', '今天天气很好。']],
    ['Japanese', 'こんにちは！元気ですか？', 7, ['こんにちは！', '元気ですか？']],
    ['Arabic', 'كيف حالك؟ أنا بخير.', 12, ['كيف حالك؟', 'أنا بخير.']],
    ['Hindi', 'यह एक है। वह दो है।', 11, ['यह एक है।', 'वह दो है।']],
    ['Thai, without any mark', 'สวัสดีครับสบายดีไหม', 12, ['สวัสดีครับ', 'สบายดีไหม']],
  ])('knows where %s may be cut', (_script, text, max, pieces) => {
    expect(splitText(text, max)).toEqual(pieces);
  });

  it('cuts a word that is too long between characters as people count them', () => {
    expect(splitText('a'.repeat(25), 10)).toEqual(['a'.repeat(10), 'a'.repeat(10), 'a'.repeat(5)]);
    // Family emoji of five code points each, and letters with a mark of their own: none is torn apart.
    expect(splitText('👩‍👩‍👧'.repeat(3), 7)).toEqual(['👩‍👩‍👧', '👩‍👩‍👧', '👩‍👩‍👧']);
    expect(splitText('e\u0301'.repeat(4), 3)).toEqual(Array<string>(4).fill('e\u0301'));
  });

  it.each([
    ['one word', 'x'.repeat(100_000)],
    ['one word of marks', `a${'\u0301'.repeat(99_999)}`],
    ['no blank', '你'.repeat(100_000)],
    ['punctuation', '!'.repeat(100_000)],
    ['line breaks', 'a\n\n'.repeat(33_333)],
  ])('splits 100,000 characters of %s at once', (_what, text) => {
    const before = performance.now();
    const pieces = splitText(text, 1000);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(withoutBlanks(pieces.join(''))).toBe(withoutBlanks(text));
    expect(Math.max(...pieces.map(characterCount))).toBeLessThanOrEqual(1000);
  });
});

describe('sentencesOf', () => {
  it('gives each on one line, and ends none at a line break alone', () => {
    expect(sentencesOf('The hare\nran. The hedgehog\n\nDid not! ')).toEqual([
      'The hare ran.',
      'The hedgehog',
      'Did not!',
    ]);
  });
});
