import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lengthOf, planSpeech } from './speech-plan.ts';
import { toSoundMs, type Span } from './speech-sound.ts';

const span = (startMs: number, endMs: number): Span => ({ startMs, endMs });
const WHOLE = { trimPauses: false, maxPieceMs: 3_600_000 };

describe('planSpeech', () => {
  it('leaves silence at both ends out, but for a margin, and pauses where they are', () => {
    const silences = [span(0, 2000), span(5000, 9000), span(11_000, 12_000)];
    expect(planSpeech({ durationMs: 12_000, silences }, WHOLE)).toEqual([[span(1600, 11_400)]]);
  });

  it('leaves long pauses out when told to', () => {
    const silences = [span(1000, 1800), span(5000, 9000)];
    expect(planSpeech({ durationMs: 12_000, silences }, { ...WHOLE, trimPauses: true })).toEqual([
      [span(0, 5400), span(8600, 12_000)],
    ]);
  });

  it('keeps to the part that is meant', () => {
    const options = { ...WHOLE, fromMs: 3000, toMs: 6000 };
    expect(planSpeech({ durationMs: 12_000, silences: [span(2000, 4000)] }, options)).toEqual([
      [span(3600, 6000)],
    ]);
    expect(planSpeech({ durationMs: 12_000, silences: [span(2000, 7000)] }, options)).toEqual([]);
    expect(planSpeech({ durationMs: 2000, silences: [] }, options)).toEqual([]);
  });

  it('has nothing of a silent sound', () => {
    expect(planSpeech({ durationMs: 5000, silences: [span(0, 5000)] }, WHOLE)).toEqual([]);
  });

  it('cuts in the longest pause near where a piece would end', () => {
    const silences = [span(20_000, 29_000), span(44_000, 45_000), span(50_000, 53_000), span(80_000, 99_000)];
    const options = { ...WHOLE, maxPieceMs: 60_000 };
    expect(planSpeech({ durationMs: 100_000, silences }, options)).toEqual([
      [span(0, 51_500)],
      [span(51_500, 100_000)],
    ]);
  });

  it('cuts a sound without pauses into pieces of one length', () => {
    expect(planSpeech({ durationMs: 90_000, silences: [] }, { ...WHOLE, maxPieceMs: 40_000 })).toEqual([
      [span(0, 30_000)],
      [span(30_000, 60_000)],
      [span(60_000, 90_000)],
    ]);
  });

  const sounds = fc
    .record({
      durationMs: fc.integer({ min: 1, max: 200_000 }),
      borders: fc.uniqueArray(fc.integer({ min: 0, max: 200_000 }), { maxLength: 24 }),
      trimPauses: fc.boolean(),
      maxPieceMs: fc.integer({ min: 1000, max: 90_000 }),
    })
    .map(({ durationMs, borders, ...options }) => {
      const within = borders.filter((border) => border <= durationMs).sort((one, other) => one - other);
      const silences = within.flatMap((startMs, index) => {
        const endMs = within[index + 1];
        return index % 2 === 0 && endMs !== undefined && endMs - startMs >= 500 ? [span(startMs, endMs)] : [];
      });
      return { durationMs, silences, ...options };
    });

  it('has all that is no silence once, in order, in pieces of at most so long', () => {
    fc.assert(
      fc.property(sounds, ({ durationMs, silences, ...options }) => {
        const pieces = planSpeech({ durationMs, silences }, options);
        const kept = pieces.flat();
        for (const piece of pieces) {
          expect(piece.length).toBeGreaterThan(0);
          expect(lengthOf(piece)).toBeLessThanOrEqual(options.maxPieceMs + 1e-6);
        }
        for (const [index, { startMs, endMs }] of kept.entries()) {
          expect(startMs).toBeLessThan(endMs);
          expect(startMs).toBeGreaterThanOrEqual(kept[index - 1]?.endMs ?? 0);
          expect(endMs).toBeLessThanOrEqual(durationMs);
        }
        // What is left out is silent.
        let beforeMs = 0;
        for (const { startMs, endMs } of [...kept, span(durationMs, durationMs)]) {
          const isSilent = silences.some(
            (silence) => silence.startMs <= beforeMs && silence.endMs >= startMs,
          );
          expect(startMs === beforeMs || isSilent).toBe(true);
          beforeMs = endMs;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes no time worth telling for a day of sentences with long pauses between them', () => {
    const durationMs = 24 * 3_600_000;
    const silences = Array.from({ length: 19_200 }, (_, index) => ({
      startMs: index * 4500 + 2000,
      endMs: index * 4500 + 4500,
    }));
    const beganAtMs = performance.now();
    const plan = planSpeech({ durationMs, silences }, { trimPauses: true, maxPieceMs: 5 * 60_000 });
    // A loop in a loop takes minutes.
    expect(performance.now() - beganAtMs).toBeLessThan(3000);
    expect(plan.every((piece) => lengthOf(piece) <= 5 * 60_000)).toBe(true);
    // Of each pause 800 ms are left, of the last, at the end, half.
    expect(lengthOf(plan.flat())).toBe(19_200 * 2800 - 400);
  });
});

describe('toSoundMs', () => {
  it('finds where in the sound a moment of a piece is', () => {
    const piece = { spans: [span(1000, 3000), span(10_000, 11_000)], delayMs: 50 };
    expect([0, 50, 1050, 2050, 2550, 9999].map((atMs) => toSoundMs(piece, atMs))).toEqual([
      1000, 1000, 2000, 10_000, 10_500, 11_000,
    ]);
  });
});
