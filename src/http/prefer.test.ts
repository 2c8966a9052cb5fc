import { expect, it } from 'vitest';
import { preferredWaitS } from './prefer.ts';

it.each([
  ['wait=7', 7],
  ['wait=0', 0],
  ['wait=31', 30],
  ['Wait = "5"', 5],
  ['respond-async, wait=10', 10],
  ['respond-async,wait=10;foo=bar', 10],
  ['foo="a, wait=3", wait=4', 4],
  ['foo="\\", wait=3", wait=4', 4],
  ['wait=1, wait=2', 1],
  ['respond-async', undefined],
  ['waiting=3', undefined],
  ['wait', undefined],
  ['wait=soon', undefined],
  ['wait=-1', undefined],
  ['wait=1.5', undefined],
  ['', undefined],
  [undefined, undefined],
])('Prefer: %s', (header, seconds) => {
  expect(preferredWaitS(header)).toBe(seconds);
});
