import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutIntoWholeParts, type WholeSegment } from './whole-object.ts';

const MIN = 50;
const WANTED = 80;

/** Segments of these lengths: one below zero is made on its way. */
function segmentsOf(lengths: readonly number[]): { segments: WholeSegment[]; sizeBytes: number } {
  let start = 0;
  const segments = lengths.map((length, index) => {
    const endExclusive = start + Math.abs(length);
    const segment = {
      start,
      endExclusive,
      ...(length > 0 && { copyFrom: { key: `part-${index}`, start: 1000 } }),
    };
    start = endExclusive;
    return segment;
  });
  return { segments, sizeBytes: start };
}

describe('the parts of an object that is made of others', () => {
  it('follow each other without gaps, all but the last as long as S3 wants them; a copy is of the very bytes', () => {
    const lengths = fc.array(
      fc.integer({ min: -300, max: 300 }).filter((length) => length !== 0),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(lengths, (given) => {
        const { segments, sizeBytes } = segmentsOf(given);
        const parts = cutIntoWholeParts(segments, sizeBytes, MIN, WANTED);
        let at = 0;
        for (const [index, { start, endExclusive, copyFrom }] of parts.entries()) {
          expect(start).toBe(at);
          if (index < parts.length - 1) expect(endExclusive - start).toBeGreaterThanOrEqual(MIN);
          if (copyFrom === undefined) expect(endExclusive - start).toBeLessThan(WANTED + 2 * MIN);
          else {
            const source = segments.find((segment) => segment.copyFrom?.key === copyFrom.key);
            expect(copyFrom.start - 1000).toBe(start - (source?.start ?? -1));
            expect(endExclusive).toBe(source?.endExclusive);
          }
          at = endExclusive;
        }
        expect(at).toBe(sizeBytes);
      }),
    );
  });

  it('are copies where a stretch is long, and gathered where stretches are short', () => {
    const cut = (...lengths: number[]) => {
      const { segments, sizeBytes } = segmentsOf(lengths);
      return cutIntoWholeParts(segments, sizeBytes, MIN, WANTED).map(({ start, endExclusive, copyFrom }) =>
        copyFrom === undefined ? endExclusive - start : `${endExclusive - start} of ${copyFrom.key}`,
      );
    };
    // The head of a stream takes what it lacks from the first part.
    expect(cut(-10, 200, 300)).toEqual([50, '160 of part-1', '300 of part-2']);
    expect(cut(-10, 30, 30, 30, 30, 30)).toEqual([80, 80]);
    expect(cut(-10, 60)).toEqual([70]);
    expect(cut(200, -1)).toEqual(['200 of part-0', 1]);
  });

  it('are no more than S3 takes, however long the object is', () => {
    const GIB = 1024 ** 3;
    const lengths = Array.from({ length: 5000 }, () => 3_000_000);
    const { segments, sizeBytes } = segmentsOf(lengths);
    expect(cutIntoWholeParts(segments, sizeBytes).length).toBeLessThan(2000);
    expect(cutIntoWholeParts([{ start: 0, endExclusive: 400 * GIB }], 400 * GIB).length).toBeLessThan(10_000);
  });
});
