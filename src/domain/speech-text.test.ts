import { describe, expect, it } from 'vitest';
import { parseSpeechText } from './speech-text.ts';

describe('parseSpeechText', () => {
  it('leaves out what no engine takes, and folds blanks', () => {
    expect(
      parseSpeechText('  One\u0000\u0007 \t two\r\nthree\r\n \r\n\r\nfour\u0085five \uD800!\uFFFF '),
    ).toEqual({
      text: 'One two\nthree\n\nfour\nfive !',
      isSsml: false,
      characters: 26,
    });
  });

  it('keeps emoji and other scripts as they are', () => {
    expect(parseSpeechText('👩‍👩‍👧 नमस्ते').text).toBe('👩‍👩‍👧 नमस्ते');
    expect(parseSpeechText('😀').characters).toBe(1);
  });

  it('knows markup by its beginning', () => {
    expect(parseSpeechText('<speak>Hi</speak>').isSsml).toBe(true);
    expect(parseSpeechText('<?xml version="1.0"?>\n<speak version="1.1">Hi</speak>').isSsml).toBe(true);
    expect(parseSpeechText('<speaker> says').isSsml).toBe(false);
    expect(parseSpeechText('5 < 6').isSsml).toBe(false);
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n\t\u00A0\u3000'],
    ['of control characters', '\u0000\u0001\u001F'],
    ['of punctuation', '... — !?'],
  ])('refuses a text that is %s', (_what, text) => {
    expect(() => parseSpeechText(text)).toThrow(
      expect.objectContaining({ code: 'invalid_input', field: 'text' }),
    );
  });

  it('takes 100,000 characters, and no more', () => {
    expect(parseSpeechText('😀'.repeat(100_000)).characters).toBe(100_000);
    expect(() => parseSpeechText('a'.repeat(100_001))).toThrow('100001');
  });
});
