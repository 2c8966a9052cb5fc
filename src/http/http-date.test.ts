import { describe, expect, it } from 'vitest';
import { parseHttpDate, toHttpDate } from './http-date.ts';

const NOW = Date.UTC(2026, 10, 21);
const THE_MOMENT = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('HTTP dates', () => {
  it('are written as IMF-fixdate, in whole seconds', () => {
    expect(toHttpDate(THE_MOMENT + 999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });

  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT'],
    ['Sunday, 06-Nov-94 08:49:37 GMT'],
    ['Sun Nov  6 08:49:37 1994'],
  ])('are read in each of the three forms: %s', (text) => {
    expect(parseHttpDate(text, NOW)).toBe(THE_MOMENT);
  });

  it('take two digits for a year at most 50 years ahead', () => {
    expect(parseHttpDate('Wednesday, 06-Nov-76 08:49:37 GMT', NOW)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37));
    expect(parseHttpDate('Wednesday, 06-Nov-77 08:49:37 GMT', NOW)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37));
  });

  it.each([
    ['', 'nothing'],
    ['yesterday', 'no date'],
    ['1994-11-06T08:49:37Z', 'another format'],
    ['Sun, 06 Nov 1994 08:49:37 CET', 'another zone'],
    ['Sun, 06 Nov 1994 25:49:37 GMT', 'an hour that is none'],
    ['Sun, 31 Feb 1994 08:49:37 GMT', 'a day that is none'],
    ['"Sun, 06 Nov 1994 08:49:37 GMT"', 'a quoted one'],
  ])('%s is none (%s)', (text) => {
    expect(parseHttpDate(text, NOW)).toBeNull();
  });
});
