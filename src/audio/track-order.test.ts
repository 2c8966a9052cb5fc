import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isValidationError } from '../domain/app-error.ts';
import { PLAY_MODES } from '../domain/play-mode.ts';
import { orderTracks } from './track-order.ts';

const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

describe('orderTracks', () => {
  it('keeps these orders for ever: players hold on to them', () => {
    const order = (count: number, seed: number, epoch: number) =>
      orderTracks(count, 'endless-shuffle', seed, epoch).join(' ');
    expect(orderTracks(10, 'shuffle', 0).join(' ')).toBe('7 3 0 1 4 9 8 6 5 2');
    expect(orderTracks(10, 'shuffle', 4_294_967_295).join(' ')).toBe('2 4 0 5 7 3 1 6 8 9');
    expect(orderTracks(2, 'shuffle', 7).join(' ')).toBe('1 0');
    expect(order(10, 1, 0)).toBe('3 1 7 2 9 5 6 8 4 0');
    expect(order(10, 1, 1)).toBe('8 7 6 0 5 4 9 2 1 3');
    expect(order(10, 1, 4_294_967_296)).toBe('8 7 2 1 3 6 9 0 4 5');
    expect([0, 1, 2, 3, 4, 5].map((epoch) => order(3, 5, epoch)).join(', ')).toBe(
      '1 0 2, 1 2 0, 1 2 0, 2 0 1, 0 1 2, 0 1 2',
    );
    expect(orderTracks(5000, 'shuffle', 42).slice(0, 12).join(' ')).toBe(
      '591 4469 3727 1382 3053 2543 1069 1430 3331 2814 562 2905',
    );
  });

  it('plays each track once before any twice, in every mode', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.constantFrom(...PLAY_MODES),
        seeds,
        fc.nat(1e9),
        (count, mode, seed, epoch) => {
          const order = orderTracks(count, mode, seed, epoch);
          expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
          expect(orderTracks(count, mode, seed, epoch)).toEqual(order);
        },
      ),
    );
  });

  it('keeps the order of the queue when not shuffled', () => {
    expect(orderTracks(4, 'sequential', 99)).toEqual([0, 1, 2, 3]);
    expect(orderTracks(4, 'loop', 99, 12)).toEqual([0, 1, 2, 3]);
  });

  it('shuffles a finite stream as epoch 0 of an endless one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), seeds, fc.nat(9), (count, seed, epoch) => {
        expect(orderTracks(count, 'shuffle', seed, epoch)).toEqual(
          orderTracks(count, 'endless-shuffle', seed, 0),
        );
      }),
    );
  });

  it('never plays a track twice in a row where there are three or more', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 6 }), seeds, fc.nat(1e6), (count, seed, epoch) => {
        const before = orderTracks(count, 'endless-shuffle', seed, epoch);
        const after = orderTracks(count, 'endless-shuffle', seed, epoch + 1);
        expect(after[0]).not.toBe(before.at(-1));
      }),
      { numRuns: 1000 },
    );
  });

  it('gives two tracks the order of epoch 0 for ever, and one or none their only order', () => {
    for (const epoch of [0, 1, 2, 1000]) {
      expect(orderTracks(2, 'endless-shuffle', 3, epoch)).toEqual(orderTracks(2, 'shuffle', 3));
      expect(orderTracks(1, 'endless-shuffle', 3, epoch)).toEqual([0]);
      expect(orderTracks(0, 'endless-shuffle', 3, epoch)).toEqual([]);
    }
  });

  it('puts every track at every place about as often', () => {
    const runs = 6000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < runs; seed += 1) {
      const order = orderTracks(3, 'shuffle', seed).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi square of 5 degrees of freedom: 20.5 is passed once in a thousand; the seeds here are always the same.
    const expected = runs / 6;
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(20.5);
  });

  it.each([-1, 1.5, 4_294_967_296, NaN])('refuses the seed %d', (seed) => {
    expect(() => orderTracks(3, 'shuffle', seed)).toThrow(expect.toSatisfy(isValidationError));
  });
});
