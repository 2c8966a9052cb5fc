import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { createEndless, epochTracks, positionAtMs } from './endless.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import { framesToMs } from './frame-pace.ts';

const objects = new RecordedObjects();
const parts = [
  storePart(objects, 'a', 100),
  storePart(objects, 'b', 7),
  storePart(objects, 'c', 250, { isMixed: true }),
];
const YEARS_100_MS = 100 * 365.25 * 86_400_000;

describe('positionAtMs', () => {
  const endless = createEndless(parts, 'endless-shuffle', 99);

  it('knows what an epoch holds', () => {
    expect(endless.epochFrames).toBe(357);
    expect(endless.epochBytes).toBe(parts.reduce((sum, part) => sum + part.audioBytes, 0));
    expect(endless.epochMs).toBeCloseTo((357 * 1152 * 1000) / 44_100, 6);
  });

  it('begins with the first frame of the first track', () => {
    const [first] = epochTracks(endless, 0);
    expect(positionAtMs(endless, 0)).toEqual({
      epoch: 0,
      trackIndex: 0,
      partIndex: first?.partIndex,
      frameInPart: 0,
      ms: 0,
    });
  });

  it('rounds down to a frame, and finds each frame again from its own time', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: YEARS_100_MS, noNaN: true }), (ms) => {
        const position = positionAtMs(endless, ms);
        expect(position.ms).toBeLessThanOrEqual(ms);
        expect(ms - position.ms).toBeLessThan(framesToMs(1, endless.pace) + 0.01);
        expect(positionAtMs(endless, position.ms)).toEqual(position);
      }),
    );
  });

  it('walks through every frame of two epochs in order', () => {
    const walked: string[] = [];
    for (let frame = 0; frame < 2 * endless.epochFrames; frame += 1) {
      const position = positionAtMs(endless, framesToMs(frame, endless.pace));
      walked.push(`${position.epoch} ${position.partIndex} ${position.frameInPart}`);
    }
    const expected = [0, 1].flatMap((epoch) =>
      epochTracks(endless, epoch).flatMap(({ partIndex, part }) =>
        Array.from({ length: part.frameCount }, (_, frame) => `${epoch} ${partIndex} ${frame}`),
      ),
    );
    expect(walked).toEqual(expected);
  });

  it('goes round in the order of the queue in a loop', () => {
    const loop = createEndless(parts, 'loop', 0);
    const late = positionAtMs(loop, 1_000_000 * loop.epochMs + framesToMs(103, loop.pace) + 0.01);
    expect(late).toMatchObject({ epoch: 1_000_000, trackIndex: 1, partIndex: 1, frameInPart: 3 });
  });

  it.each([-1, NaN, Infinity])('refuses the time %d', (ms) => {
    expect(() => positionAtMs(endless, ms)).toThrow(RangeError);
  });

  it('cannot be made of nothing, or of different sample rates', () => {
    const conflict = expect.toSatisfy((error) => isAppError(error, 'conflict')) as Error;
    const [part] = parts;
    if (part === undefined) throw new Error('There are parts.');
    expect(() => createEndless([], 'loop', 0)).toThrow(conflict);
    expect(() => createEndless([{ ...part, frameCount: 0 }], 'loop', 0)).toThrow(conflict);
    expect(() => createEndless([part, { ...part, sampleRateHz: 48_000 }], 'loop', 0)).toThrow(conflict);
  });
});
