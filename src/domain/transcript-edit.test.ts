import { describe, expect, it } from 'vitest';
import { parseTranscriptEdit } from './transcript-edit.ts';

const segment = (startMs: number, endMs: number, text = 'So.') => ({ startMs, endMs, text });

describe('parseTranscriptEdit', () => {
  it('keeps segments as lines, and those that say something', () => {
    const segments = [segment(0, 10.4, ' Two\n lines\u0000 '), segment(10.6, 10.6, ' '), segment(11, 2000)];
    expect(parseTranscriptEdit({ segments, language: 'en-GB' }, 1000)).toEqual({
      segments: [segment(0, 10, 'Two lines'), segment(11, 2000)],
      language: 'en-GB',
      source: 'edited',
    });
  });

  it('keeps a whole text with its lines', () => {
    expect(parseTranscriptEdit({ text: ' One\r\n\r\nTwo\u0007🐋 ' }, 0)).toEqual({
      segments: [],
      text: 'One\n\nTwo 🐋',
      source: 'edited',
    });
  });

  it.each([
    ['segments[1].start_s', { segments: [segment(5, 6), segment(4, 6)] }],
    ['segments[0].start_s', { segments: [segment(-1, 6)] }],
    ['segments[0].end_s', { segments: [segment(5, 4)] }],
    ['segments[0].end_s', { segments: [segment(5, 2001)] }],
    ['segments[0].end_s', { segments: [segment(5, NaN)] }],
    ['segments', { segments: [] }],
    ['segments', { segments: Array.from({ length: 100_001 }, () => segment(0, 1)) }],
    ['transcript', {}],
    ['transcript', { text: '\n\u0000 ' }],
    ['transcript', { text: 'x'.repeat(4_000_001) }],
    ['transcript', { text: 'Both.', segments: [segment(0, 1)] }],
    ['language', { text: 'So.', language: 'en_GB' }],
    ['language', { text: 'So.', language: '' }],
  ])('refuses what is wrong with %s', (field, edit) => {
    expect(() => parseTranscriptEdit(edit, 1000)).toThrow(expect.objectContaining({ field }) as Error);
  });
});
