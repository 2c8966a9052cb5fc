import { describe, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { createAudioFileCache } from './audio-file-cache.ts';

const namesOf = (files: readonly { readonly filename: string }[]) => files.map(({ filename }) => filename);

describe('the cache of audio file records', () => {
  it('holds what was read until somebody else has written', () => {
    let version = 1;
    const cache = createAudioFileCache({ version: () => version });
    expect(cache.look('default', ['a.mp3', 'b.mp3', 'a.mp3'])).toEqual({
      held: [],
      missing: ['a.mp3', 'b.mp3'],
    });
    cache.hold([audioFile('a.mp3')]);
    expect(cache.look('default', ['a.mp3', 'b.mp3'])).toEqual({
      held: [audioFile('a.mp3')],
      missing: ['b.mp3'],
    });
    expect(cache.look('other', ['a.mp3']).missing).toEqual(['a.mp3']);
    version = 2;
    expect(cache.look('default', ['a.mp3']).missing).toEqual(['a.mp3']);
  });

  it('forgets what is about to be changed', () => {
    const cache = createAudioFileCache({ version: () => 1 });
    cache.look('default', []);
    cache.hold([audioFile('a.mp3'), audioFile('b.mp3')]);
    cache.forget('default', 'a.mp3');
    cache.forget('default', 'unknown.mp3');
    const { held, missing } = cache.look('default', ['a.mp3', 'b.mp3']);
    expect([namesOf(held), missing]).toEqual([['b.mp3'], ['a.mp3']]);
  });

  it('is bounded: those held longest give way', () => {
    const cache = createAudioFileCache({ version: () => 1, maxBytes: 10_000 });
    const names = Array.from({ length: 100 }, (_, number) => `${number}.mp3`);
    cache.look('default', []);
    for (const name of names) cache.hold([audioFile(name)]);
    const { held } = cache.look('default', names);
    expect(held.length).toBeGreaterThan(1);
    expect(held.length).toBeLessThanOrEqual(5);
    expect(namesOf(held).at(-1)).toBe('99.mp3');
    cache.hold([audioFile('long.mp3', { description: 'x'.repeat(5000) })]);
    expect(cache.look('default', names).held).toEqual([]);
  });

  it('gives out records that nobody can change for the others', () => {
    const cache = createAudioFileCache({ version: () => 1 });
    cache.look('default', []);
    cache.hold([audioFile('a.mp3')]);
    const [file] = cache.look('default', ['a.mp3']).held;
    expect(() => Object.assign(file ?? {}, { title: 'Another' })).toThrow(TypeError);
    expect(() => (file?.tags as string[]).push('another')).toThrow(TypeError);
  });
});
