import { expect, it } from 'vitest';
import { createBoundedCache } from './bounded-cache.ts';

it('keeps what was asked for last, within the weight', () => {
  const cache = createBoundedCache<string>(10);
  cache.set('a', 'A', 4);
  cache.set('b', 'B', 4);
  expect(cache.get('a')).toBe('A');
  cache.set('c', 'C', 4);
  expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual(['A', undefined, 'C']);
});

it('counts a value that is replaced once', () => {
  const cache = createBoundedCache<string>(10);
  for (let round = 0; round < 5; round += 1) cache.set('a', `A${round}`, 6);
  cache.set('b', 'B', 4);
  expect([cache.get('a'), cache.get('b')]).toEqual(['A4', 'B']);
});

it('keeps nothing that is heavier than all may be', () => {
  const cache = createBoundedCache<string>(10);
  cache.set('a', 'A', 11);
  expect(cache.get('a')).toBeUndefined();
  cache.set('b', 'B', 10);
  expect(cache.get('b')).toBe('B');
});
