import { describe, expect, it } from 'vitest';
import { toPlainText, toSubRip, toWebVtt } from './transcript-format.ts';
import type { Transcript } from './transcript.ts';

const SAID: Transcript = {
  segments: [
    { startMs: 420, endMs: 3100, text: 'Once upon a time.' },
    { startMs: 3600, endMs: 5250, text: 'A & B <i>---> C</i>' },
    { startMs: 7250, endMs: 3_723_004.4, text: 'The end.' },
  ],
  source: 'engine',
};
const WHOLE: Transcript = { segments: [], text: 'First line.\n\nSecond\nline.', source: 'older' };

describe('a transcript as text', () => {
  it('has a paragraph for what is said without a longer pause', () => {
    expect(toPlainText(SAID)).toBe('Once upon a time. A & B <i>---> C</i>\n\nThe end.');
    expect(toPlainText(WHOLE)).toBe(WHOLE.text);
    expect(toPlainText({ segments: [], source: 'x' })).toBe('');
  });

  it('is WebVTT whose text can end neither a cue nor its tags', () => {
    expect(toWebVtt(SAID, 0)).toBe(
      'WEBVTT\n\n00:00:00.420 --> 00:00:03.100\nOnce upon a time.\n\n' +
        '00:00:03.600 --> 00:00:05.250\nA &amp; B &lt;i&gt;---&gt; C&lt;/i&gt;\n\n' +
        '00:00:07.250 --> 01:02:03.004\nThe end.\n',
    );
    expect(toWebVtt(WHOLE, 61_001)).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:01:01.001\nFirst line. Second line.\n',
    );
    expect(toWebVtt({ segments: [], source: 'x' }, 1)).toBe('WEBVTT\n');
  });

  it('is SubRip with numbered cues', () => {
    expect(toSubRip(SAID, 0)).toBe(
      '1\n00:00:00,420 --> 00:00:03,100\nOnce upon a time.\n\n' +
        '2\n00:00:03,600 --> 00:00:05,250\nA & B <i>-> C</i>\n\n' +
        '3\n00:00:07,250 --> 01:02:03,004\nThe end.\n',
    );
    const hundredHours = { startMs: 360_000_000, endMs: 360_000_001, text: 'Late.' };
    expect(toSubRip({ segments: [hundredHours], source: 'x' }, 0)).toContain(
      '100:00:00,000 --> 100:00:00,001',
    );
  });
});
