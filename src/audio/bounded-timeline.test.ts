import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundTimeline } from './bounded-timeline.ts';
import { createEndless, epochTracks } from './endless.ts';
import { framesToMs } from './frame-pace.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { storePart } from './fixtures/synthetic-parts.ts';

const syntheticParts = (frames: readonly number[]) => {
  const objects = new RecordedObjects();
  return frames.map((frameCount, index) => storePart(objects, `part-${index}`, frameCount));
};

describe('a timeline that ends with a track', () => {
  it('ends as late as it may, after the first track in any case', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('loop' as const, 'endless-shuffle' as const),
        fc.integer({ min: 0, max: 500 }),
        fc.integer({ min: 0, max: 5000 }),
        (frames, mode, fromFrame, maxMs) => {
          const endless = createEndless(syntheticParts(frames), mode, 7);
          const whole = [{ endless, originFrame: 3, untilFrame: Infinity }];
          const { timeline, durationMs } = boundTimeline(whole, fromFrame, maxMs);
          const end = timeline[0]?.untilFrame ?? 0;
          const ends: number[] = [];
          for (let epoch = -1, at = 3 - endless.epochFrames; at < end + 200; epoch += 1) {
            for (const { part } of epochTracks(endless, epoch)) ends.push((at += part.frameCount));
          }
          const later = ends.filter((each) => each > fromFrame);
          expect(later).toContain(end);
          expect(durationMs).toBeCloseTo(framesToMs(end - fromFrame, endless.pace));
          const next = later[later.indexOf(end) + 1] ?? Infinity;
          const lasts = (frame: number) => framesToMs(frame - fromFrame, endless.pace);
          if (end !== later[0]) expect(durationMs).toBeLessThanOrEqual(maxMs);
          expect(lasts(next)).toBeGreaterThan(maxMs);
        },
      ),
    );
  });

  it('ends where its first entry does, when that is sooner', () => {
    const endless = createEndless(syntheticParts([10, 10]), 'loop', 0);
    const timeline = [
      { endless, originFrame: 0, untilFrame: 15 },
      { endless, originFrame: 15, untilFrame: Infinity },
    ];
    expect(boundTimeline(timeline, 12, 60_000).timeline).toEqual([
      { endless, originFrame: 0, untilFrame: 15 },
    ]);
    expect(boundTimeline([{ endless, originFrame: 0, untilFrame: 5 }], 6, 1000).timeline).toEqual([]);
  });
});
