import { describe, expect, it } from 'vitest';
import { parseDescription, parseTags, parseTitle } from './audio-details.ts';

describe('a title', () => {
  it('is trimmed, in NFC', () => {
    expect(parseTitle('  Scho\u0308n ')).toBe('Schön');
    expect(parseTitle('   ')).toBe('');
  });

  it('has 200 characters, however many code units they take', () => {
    expect(parseTitle('🐈'.repeat(200))).toHaveLength(400);
    expect(() => parseTitle('🐈'.repeat(201))).toThrow('at most 200');
  });

  it.each(['a\nb', 'a\u0000b', 'a\u007fb', 'a\u0085b'])('is not %j', (title) => {
    expect(() => parseTitle(title)).toThrow('one line');
  });
});

describe('a description', () => {
  it('may have lines', () => expect(parseDescription('a\r\n\tb')).toBe('a\r\n\tb'));
  it('has no other control characters', () => expect(() => parseDescription('a\u0007')).toThrow('control'));
  it('has at most 5,000 characters', () => expect(() => parseDescription('x'.repeat(5001))).toThrow('5000'));
});

describe('tags', () => {
  it('are trimmed and unique', () => expect(parseTags([' a', 'b', 'a '])).toEqual(['a', 'b']));

  it.each([
    [[''], 'tags[0]'],
    [['a', 'x'.repeat(51)], 'tags[1]'],
    [['a\nb'], 'tags[0]'],
    [Array.from({ length: 51 }, (_, index) => `t${index}`), 'tags'],
  ])('are not %j', (tags, field) => {
    expect(() => parseTags(tags)).toThrow(expect.objectContaining({ field }) as Error);
  });
});
