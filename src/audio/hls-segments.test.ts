import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAY_MODES } from '../domain/play-mode.ts';
import { cutStretches } from './cut-stretches.ts';
import { createEndless } from './endless.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { gather, joinBytes } from './fixtures/synthetic-mp3.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import { msToFrame } from './frame-pace.ts';
import { finiteSegments, listedUntilMs, segmentAt, segmentFrames, timestampTag } from './hls-segments.ts';
import { createPieceCache } from './piece-cache.ts';
import type { PlanPart } from './plan-part.ts';
import { slicePlan } from './plan-slice.ts';
import { stretchesUntilSleep } from './sleep.ts';
import { joinBytesOf, planStream } from './stream-plan.ts';
import { readPlan } from './stream-reader.ts';
import { stretchesBetween } from './stretch.ts';

const objects = new RecordedObjects();
const library = [
  storePart(objects, 'one', 1, { isLoud: true }),
  storePart(objects, 'some', 37, { isLoud: true, leadBytes: 208 }),
  storePart(objects, 'mixed', 190, { isLoud: true, isMixed: true }),
  storePart(objects, 'long', 900, { isLoud: true }),
];
const pace = { samplesPerFrame: 1152, sampleRateHz: 44_100 };
const pieces = createPieceCache(objects, { pieceBytes: 5000, maxBytes: 50_000 });
const loadIndex = async (part: PlanPart) =>
  library.find(({ sha256 }) => sha256 === part.sha256)?.frameIndex ?? never();

describe('segments of a finite stream', () => {
  it('join to just what stream.mp3 plays, in every mode, from any time, with any timer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(library.length - 1), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...PLAY_MODES),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        fc.option(
          fc.record({ ms: fc.integer({ min: 1000, max: 60_000 }), mode: fc.constantFrom('track', 'exact') }),
        ),
        fc.integer({ min: 500, max: 12_000 }),
        async (places, mode, share, sleep, segmentMs) => {
          const parts = places.map((place) => library[place] ?? never());
          const endless = createEndless(parts, mode, 4);
          const start = Math.floor(share * endless.epochFrames);
          const stretches =
            sleep === null
              ? stretchesBetween(endless, start, endless.epochFrames)
              : stretchesUntilSleep(endless, start, sleep);
          const plan = planStream(await cutStretches(stretches, pieces, { loadIndex }));
          const whole = await gather(
            readPlan(plan, { start: plan.leadBytes, endExclusive: plan.totalBytes }, pieces),
          );
          const frameCount = msToFrame(plan.durationMs, pace);
          const joined: Uint8Array[] = [];
          for (let number = 0; segmentFrames(number, segmentMs, pace).start < frameCount; number += 1) {
            const frames = segmentFrames(number, segmentMs, pace);
            const items = await slicePlan(plan.items, frames.start, frames.endExclusive, pieces, {
              loadIndex,
            });
            const segment = joinBytesOf(items, new Uint8Array(0));
            joined.push(
              await gather(readPlan(segment, { start: 0, endExclusive: segment.totalBytes }, pieces)),
            );
            expect(joined.at(-1)?.length).toBeGreaterThan(0);
          }
          expect(Buffer.compare(joinBytes(joined), whole)).toBe(0);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('are ten seconds long, and longer only where there would be more than 10,000', () => {
    expect(finiteSegments(1)).toEqual({ segmentMs: 10_000, count: 1 });
    expect(finiteSegments(10_000)).toEqual({ segmentMs: 10_000, count: 1 });
    expect(finiteSegments(10_000.1)).toEqual({ segmentMs: 10_000, count: 2 });
    expect(finiteSegments(100_000_000)).toEqual({ segmentMs: 10_000, count: 10_000 });
    expect(finiteSegments(100_000_001)).toEqual({ segmentMs: 11_000, count: 9091 });
    for (const durationMs of [1e9, 3e9, 7e12]) {
      expect(finiteSegments(durationMs).count).toBeLessThanOrEqual(10_000);
    }
  });
});

describe('segments of the clock', () => {
  it('follow one another without a gap, each of about ten seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400_000_000 }), (number) => {
        const { start, endExclusive } = segmentFrames(number, 10_000, pace);
        expect(segmentFrames(number + 1, 10_000, pace).start).toBe(endExclusive);
        expect([382, 383]).toContain(endExclusive - start);
      }),
    );
  });

  it('are settled before anybody lists them, also by a clock that is ten seconds ahead', () => {
    const nowMs = 1_795_161_600_000 + 9999;
    expect(listedUntilMs(nowMs)).toBe((segmentAt(nowMs + 10_000) + 3) * 10_000);
  });
});

describe('the timestamp of a segment', () => {
  it('is that of its first sample at 90 kHz, modulo 2^33', () => {
    expect(Buffer.from(timestampTag(0, pace)).toString('latin1')).toBe(
      'ID3\x04\x00\x00\x00\x00\x00\x3f' +
        'PRIV\x00\x00\x00\x35\x00\x00com.apple.streaming.transportStreamTimestamp\0' +
        '\0'.repeat(8),
    );
    const ticks = (frame: number) => Buffer.from(timestampTag(frame, pace)).readBigUInt64BE(65);
    expect(ticks(1225)).toBe(2_880_000n);
    // 26 hours and a half are 2^33 ticks.
    expect(ticks(3_653_545)).toBe(((3_653_545n * 1152n * 90_000n) / 44_100n) % (1n << 33n));
    expect(ticks(68_720_000_001) - ticks(68_720_000_000)).toBe(2351n);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
