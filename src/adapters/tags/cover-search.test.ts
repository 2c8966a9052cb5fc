import { describe, expect, it } from 'vitest';
import { CoverSearch } from './cover-search.ts';

const GIF = Buffer.from('GIF89a…');
const PAGE = Buffer.from('<html>');

describe('CoverSearch', () => {
  it('goes on until it has a front cover', () => {
    const search = new CoverSearch();
    expect(search.look({ format: 'image/gif', type: 'Artist', data: PAGE })).toBe(false);
    expect(search.look({ format: 'image/gif', type: 'Cover (back)', data: GIF })).toBe(false);
    expect(search.cover?.bytes).toBe(GIF);
    expect(search.look({ format: 'image/gif', type: 'Cover (front)', data: PAGE })).toBe(false);
    const front = Buffer.from('GIF87a front');
    expect(search.look({ format: '', type: 'Cover (front)', data: front })).toBe(true);
    expect(search.cover?.bytes).toBe(front);
  });

  it('keeps the first of those that are none', () => {
    const search = new CoverSearch();
    const first = Buffer.from('GIF87a first');
    for (const data of [first, GIF]) search.look({ format: 'image/gif', data });
    expect(search.cover?.bytes).toBe(first);
  });

  it('ends after twenty pictures, and after 64 MiB', () => {
    const many = new CoverSearch();
    const ends = Array.from({ length: 20 }, () => many.look({ format: '', data: PAGE }));
    expect(ends.indexOf(true)).toBe(19);
    const large = new CoverSearch();
    const half = new Uint8Array(32 * 1024 * 1024);
    expect([large.look({ format: '', data: half }), large.look({ format: '', data: half })]).toEqual([
      false,
      true,
    ]);
  });
});
