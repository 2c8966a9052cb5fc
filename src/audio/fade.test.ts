import { describe, expect, it } from 'vitest';
import { FADE_STEPS, fadeFrames, fadeSteps } from './fade.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import { parseFrameHeader } from './frame-header.ts';
import { readGlobalGains } from './side-information.ts';

describe('fadeSteps', () => {
  it.each([1, 2, 39, 40, 41, 766])(
    'falls from the first frame on and never rises, over %d frames',
    (count) => {
      const steps = Array.from({ length: count }, (_, frame) => fadeSteps(frame, count));
      expect(steps[0]).toBe(-1);
      expect(steps).toEqual(steps.toSorted((x, y) => y - x));
      expect(steps.at(-1)).toBeGreaterThanOrEqual(-FADE_STEPS);
      if (count >= FADE_STEPS) expect(steps.at(-1)).toBe(-FADE_STEPS);
    },
  );

  it('falls evenly, by 60 dB in 20 seconds', () => {
    const inEachStep = new Map<number, number>();
    for (let frame = 0; frame < 766; frame += 1) {
      const steps = fadeSteps(frame, 766);
      inEachStep.set(steps, (inEachStep.get(steps) ?? 0) + 1);
    }
    expect(inEachStep.size).toBe(40);
    expect(new Set(inEachStep.values())).toEqual(new Set([19, 20]));
  });
});

describe('fadeFrames', () => {
  const { audio } = storePart(new RecordedObjects(), 'loud', 100, { isLoud: true, isMixed: true });

  function gainsOf(bytes: Uint8Array): number[][] {
    const gains: number[][] = [];
    for (let at = 0; at < bytes.length;) {
      const header = parseFrameHeader(bytes, at);
      if (header === null) throw new Error('These are frames.');
      gains.push(readGlobalGains(bytes, at, header));
      at += header.frameBytes;
    }
    return gains;
  }

  it('moves every granule of each frame by the step of its number', () => {
    const faded = audio.slice();
    fadeFrames(faded, { firstFrame: 33, frameCount: 200 });
    const before = gainsOf(audio);
    expect(before[0]).toHaveLength(4);
    expect(gainsOf(faded)).toEqual(
      before.map((gains, frame) => gains.map((gain) => Math.max(0, gain + fadeSteps(33 + frame, 200)))),
    );
  });

  it('refuses what is not whole frames', () => {
    expect(() => fadeFrames(audio.slice(1), { firstFrame: 0, frameCount: 100 })).toThrow(RangeError);
  });
});
