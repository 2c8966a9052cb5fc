import { describe, expect, it } from 'vitest';
import { placeIn } from '../../web/src/player/changed-plan.ts';

const TRACK_S = 10;

type Plan = Parameters<typeof placeIn>[0];

/** Tracks of ten seconds, one a letter. */
const planOf = (files: string, seed?: number): Plan => ({
  name: 'any',
  play_mode: seed === undefined ? 'sequential' : 'shuffle',
  ...(seed !== undefined && { seed }),
  endless: false,
  tracks: [...files].map((filename, index) => ({
    index,
    filename,
    title: filename,
    start_s: index * TRACK_S,
    duration: TRACK_S,
    start_byte: index * 1000,
    length: 1000,
  })),
  count: files.length,
  duration: files.length * TRACK_S,
  total_bytes: files.length * 1000,
});

describe('the place in a plan that was edited', () => {
  const placed = (before: string, atS: number, after: string, seed?: number) =>
    placeIn(planOf(after, seed), planOf(before, seed), atS);

  it.each([
    ['one before it is removed', 'abc', 14, 'bc', 4],
    ['one is put before it', 'abc', 14, 'xabc', 24],
    ['it is moved', 'abc', 4, 'bca', 24],
    ['only what comes after is edited', 'abc', 14, 'abx', 14],
  ])('is the same second of the same file where %s', (_, before, atS, after, toS) => {
    expect(placed(before, atS, after)).toEqual({ atS: toS, isThere: true, isOver: false });
  });

  it('is in the nearest of several', () => {
    expect(placed('abab', 24, 'bab').atS).toBe(14);
    expect(placed('abcda', 44, 'bcda').atS).toBe(34);
  });

  it.each([
    ['it is removed', 'abc', 14, 'ac', 10],
    ['it and all before it are removed', 'abc', 14, 'c', 0],
    ['another is put there', 'abc', 14, 'axc', 10],
    ['one is put before it as well', 'abc', 14, 'xac', 20],
  ])('is the beginning of what took its place where %s', (_, before, atS, after, toS) => {
    expect(placed(before, atS, after)).toEqual({ atS: toS, isThere: false, isOver: false });
  });

  it('is as far in the order of a shuffle that lost it', () => {
    expect(placed('cab', 14, 'bc', 7)).toEqual({ atS: 10, isThere: false, isOver: false });
  });

  it('is over where nothing took its place', () => {
    expect(placed('abc', 24, 'ab')).toEqual({ atS: 0, isThere: false, isOver: true });
  });

  it('is within a file that is shorter than it was', () => {
    expect(placed('abc', 14, 'abc').atS).toBe(14);
    const after = planOf('abc');
    const short = after.tracks.map((track) => (track.filename === 'b' ? { ...track, duration: 2 } : track));
    expect(placeIn({ ...after, tracks: short }, planOf('abc'), 14).atS).toBe(12);
  });
});
