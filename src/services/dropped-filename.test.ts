import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilename } from '../domain/filename.ts';
import { droppedFilename } from './dropped-filename.ts';

describe('the library name of a dropped file', () => {
  it.each([
    ['story.wav', 'story.mp3'],
    ['Große Reise.MP3', 'Große Reise.mp3'],
    ["Grandma's story (1).m4a", 'Grandmas story 1.mp3'],
    ['Mond\u0308.wav', 'Mond\u0308.mp3'.normalize('NFC')],
    ['no extension', 'no extension.mp3'],
    ['story .wav', 'story.mp3'],
    ['..dots.wav', 'dots.mp3'],
    ['con.wav', 'con-1.mp3'],
    ['***', 'audio.mp3'],
    ['Bach: Suite & Fuge.flac', 'Bach Suite Fuge.mp3'],
    ['. .', 'audio.mp3'],
  ])('%j becomes %j', (name, filename) => {
    expect(droppedFilename(name)).toBe(filename);
  });

  it('keeps the rule, whatever a file was called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        const filename = droppedFilename(name);
        expect(parseFilename(filename)).toBe(filename);
      }),
    );
    expect(droppedFilename(`${'ä'.repeat(120)}.wav`)).toMatch(/^ä{50,}-1\.mp3$/);
  });
});
