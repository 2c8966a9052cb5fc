import { describe, expect, it } from 'vitest';
import { resolveRange } from './byte-range.ts';

const HUGE = '9'.repeat(400);

describe('resolveRange', () => {
  it.each([
    // header, total, start, endExclusive
    ['bytes=0-1', 1000, 0, 2],
    ['bytes=0-0', 1000, 0, 1],
    ['bytes=0-', 1000, 0, 1000],
    ['bytes=999-', 1000, 999, 1000],
    ['bytes=999-999', 1000, 999, 1000],
    ['bytes=500-599', 1000, 500, 600],
    ['bytes=500-5000', 1000, 500, 1000],
    [`bytes=500-${HUGE}`, 1000, 500, 1000],
    ['bytes=0-9007199254740993', 1000, 0, 1000],
    ['bytes=007-009', 1000, 7, 10],
    ['bytes=-1', 1000, 999, 1000],
    ['bytes=-1000', 1000, 0, 1000],
    ['bytes=-5000', 1000, 0, 1000],
    [`bytes=-${HUGE}`, 1000, 0, 1000],
    ['BYTES=0-1', 1000, 0, 2],
    ['bytes= 0-1', 1000, 0, 2],
    ['bytes=0-1 ', 1000, 0, 2],
    ['bytes=,0-1', 1000, 0, 2],
    ['bytes=0-1, ,\t,', 1000, 0, 2],
    ['bytes=4294967296-4294967297', 6_000_000_000, 4_294_967_296, 4_294_967_298],
  ])('%s of %d bytes is %d up to %d', (header, total, start, endExclusive) => {
    expect(resolveRange(header, total)).toEqual({ kind: 'range', range: { start, endExclusive } });
  });

  it.each([
    ['bytes=1000-', 1000],
    ['bytes=1000-2000', 1000],
    [`bytes=${HUGE}-`, 1000],
    [`bytes=${HUGE}-${HUGE}`, 1000],
    ['bytes=-0', 1000],
    ['bytes=-000', 1000],
    ['bytes=0-', 0],
    ['bytes=0-0', 0],
    ['bytes=-0', 0],
  ])('%s of %d bytes cannot be satisfied', (header, total) => {
    expect(resolveRange(header, total)).toEqual({ kind: 'unsatisfiable' });
  });

  it.each([
    [undefined],
    [''],
    ['bytes'],
    ['bytes='],
    ['bytes=,'],
    ['bytes=-'],
    ['bytes=5-2'],
    ['bytes=a-b'],
    ['bytes=0x10-0x20'],
    ['bytes=1.5-2'],
    ['bytes=+1-2'],
    ['bytes=--5'],
    ['bytes=0-1-2'],
    ['bytes=1'],
    ['bytes=0 -1'],
    ['bytes=0-\u0661'],
    ['bytes =0-1'],
    [' bytes=0-1'],
    ['bytes=\n0-1'],
    ['seconds=0-1'],
    ['items=0-1'],
    ['bytes=0-1,5-9'],
    ['bytes=0-1,-5'],
    ['bytes=0-1,x'],
    ['bytes=5000-,6000-'],
    ['bytes=' + '0-,'.repeat(5000)],
  ])('%j is answered with the whole', (header) => {
    expect(resolveRange(header, 1000)).toEqual({ kind: 'whole' });
  });

  it('the last bytes of nothing are the whole, which no Content-Range could say', () => {
    expect(resolveRange('bytes=-5', 0)).toEqual({ kind: 'whole' });
  });
});
