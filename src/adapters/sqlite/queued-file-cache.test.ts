import { describe, expect, it } from 'vitest';
import { audioFile } from '../../../test/sample-records.ts';
import { createQueuedFileCache } from './queued-file-cache.ts';

const namesOf = (files: readonly { readonly filename: string }[]) => files.map(({ filename }) => filename);

describe('the cache of files of queues', () => {
  it('holds what was read until somebody else has written', () => {
    let version = 1;
    const cache = createQueuedFileCache({ version: () => version });
    expect(cache.look('default', ['a.mp3', 'b.mp3', 'a.mp3'])).toEqual({
      held: [],
      missing: ['a.mp3', 'b.mp3'],
    });
    cache.hold('default', [audioFile('a.mp3')]);
    expect(cache.look('default', ['a.mp3', 'b.mp3'])).toEqual({
      held: [audioFile('a.mp3')],
      missing: ['b.mp3'],
    });
    expect(cache.look('other', ['a.mp3']).missing).toEqual(['a.mp3']);
    version = 2;
    expect(cache.look('default', ['a.mp3']).missing).toEqual(['a.mp3']);
  });

  it('forgets what is about to be changed', () => {
    const cache = createQueuedFileCache({ version: () => 1 });
    cache.look('default', []);
    cache.hold('default', [audioFile('a.mp3'), audioFile('b.mp3')]);
    cache.forget('default', 'a.mp3');
    cache.forget('default', 'unknown.mp3');
    const { held, missing } = cache.look('default', ['a.mp3', 'b.mp3']);
    expect([namesOf(held), missing]).toEqual([['b.mp3'], ['a.mp3']]);
  });

  it('is bounded: those held longest give way', () => {
    const cache = createQueuedFileCache({ version: () => 1, maxBytes: 5000 });
    const names = Array.from({ length: 100 }, (_, number) => `${number}.mp3`);
    cache.look('default', []);
    for (const name of names) cache.hold('default', [audioFile(name)]);
    const { held } = cache.look('default', names);
    expect(held.length).toBeGreaterThan(1);
    expect(held.length).toBeLessThanOrEqual(5);
    expect(namesOf(held).at(-1)).toBe('99.mp3');
    cache.hold('default', [audioFile('long.mp3', { title: 'x'.repeat(2500) })]);
    expect(cache.look('default', names).held).toEqual([]);
  });

  it('counts what is held anew once', () => {
    const cache = createQueuedFileCache({ version: () => 1, maxBytes: 2500 });
    cache.look('default', []);
    for (let time = 0; time < 10; time += 1) cache.hold('default', [audioFile('a.mp3'), audioFile('b.mp3')]);
    expect(namesOf(cache.look('default', ['a.mp3', 'b.mp3']).held)).toEqual(['a.mp3', 'b.mp3']);
  });
});
