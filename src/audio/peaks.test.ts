import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reducePeaks, scalePeaks } from './peaks.ts';

it('scalePeaks ends at full scale', () => {
  expect(scalePeaks(Uint8Array.of(0, 10, 100, 200), 2)).toEqual(Uint8Array.of(0, 20, 200, 255));
  expect(scalePeaks(Uint8Array.of(10), 0.5)).toEqual(Uint8Array.of(5));
});

it('reducePeaks keeps the highest of each share', () => {
  expect(reducePeaks(Uint8Array.of(0, 255, 51, 0, 102), 2)).toEqual([1, 0.4]);
  expect(reducePeaks(Uint8Array.of(0, 255), 800)).toEqual([0, 1]);
  expect(reducePeaks(new Uint8Array(0), 800)).toEqual([]);
});

it('reducePeaks looks at each peak once', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.integer({ min: 1, max: 300 }),
      (bytes, points) => {
        const reduced = reducePeaks(bytes, points);
        expect(reduced).toHaveLength(Math.min(points, bytes.length));
        expect(Math.max(...reduced)).toBe(Number((Math.max(...bytes) / 255).toFixed(3)));
        for (const [index, byte] of bytes.entries()) {
          // The share that holds this peak is as high at least.
          const at = Math.ceil(((index + 1) * reduced.length) / bytes.length) - 1;
          expect(reduced[at]).toBeGreaterThanOrEqual(Number((byte / 255).toFixed(3)));
        }
      },
    ),
  );
});
