import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutStretches } from './cut-stretches.ts';
import { createEndless, epochTracks } from './endless.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { gather, joinBytes } from './fixtures/synthetic-mp3.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import type { SyntheticPart } from './fixtures/synthetic-parts.ts';
import { framesToMs } from './frame-pace.ts';
import { SEGMENT_MS, segmentFrames } from './hls-segments.ts';
import { createPieceCache } from './piece-cache.ts';
import type { PlanPart } from './plan-part.ts';
import { joinBytesOf } from './stream-plan.ts';
import { readPlan } from './stream-reader.ts';
import { endOfTimeline, nameStretches, timelineBetween } from './timeline.ts';
import type { Timeline } from './timeline.ts';
import { readTimeline } from './timeline-reader.ts';

const objects = new RecordedObjects();
const library = [
  storePart(objects, 'one', 1),
  storePart(objects, 'two', 2, { leadBytes: 0 }),
  storePart(objects, 'some', 37, { leadBytes: 208 }),
  storePart(objects, 'mixed', 190, { isMixed: true }),
  storePart(objects, 'long', 900),
];
const pace = { samplesPerFrame: 1152, sampleRateHz: 44_100 };
const loadIndex = async (part: PlanPart) => (part as SyntheticPart).frameIndex;
const openCache = () => createPieceCache(objects, { pieceBytes: 5000, maxBytes: 50_000 });

/** Queues that follow one another after so many epochs each; the last for ever, or to an end. */
const histories = fc.record({
  queues: fc.array(
    fc.record({
      places: fc.array(fc.nat(library.length - 1), { minLength: 1, maxLength: 5 }),
      mode: fc.constantFrom('loop' as const, 'endless-shuffle' as const),
      epochs: fc.integer({ min: 1, max: 4 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  seed: fc.nat(5),
  hasEnd: fc.boolean(),
  startMs: fc.integer({ min: 0, max: 1_900_000_000_000 }),
});

type History = typeof histories extends fc.Arbitrary<infer Value> ? Value : never;

/** @returns the timeline, and every frame of it from its start on as `part:number`, put down without it */
function play({ queues, seed, hasEnd, startMs }: History) {
  const firstFrame = segmentFrames(Math.floor(startMs / SEGMENT_MS), SEGMENT_MS, pace).start;
  const timeline: Timeline[number][] = [];
  const frames: Uint8Array[] = [];
  let at = firstFrame;
  let epoch = 0;
  for (const [place, { places, mode, epochs }] of queues.entries()) {
    const parts = places.map((index) => library[index] ?? never());
    const endless = createEndless(parts, mode, seed);
    const isLast = place === queues.length - 1;
    const played = isLast && !hasEnd ? 6 : epochs;
    for (let each = epoch; each < epoch + played; each += 1) {
      for (const { part } of epochTracks(endless, each)) frames.push(...framesOf(part as SyntheticPart));
    }
    const originFrame = at - epoch * endless.epochFrames;
    at += played * endless.epochFrames;
    epoch += played;
    timeline.push({ endless, originFrame, untilFrame: isLast && !hasEnd ? Infinity : at });
  }
  return { timeline, frames, firstFrame };
}

function framesOf({ audio }: SyntheticPart): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < audio.length;) {
    // 128 kbit/s is 417 or 418 bytes; of other rates, the next sync word tells.
    let end = at + 100;
    while (end < audio.length && !(audio[end] === 0xff && (audio[end + 1] ?? 0) >= 0xe0)) end += 1;
    frames.push(audio.subarray(at, end));
    at = end;
  }
  return frames;
}

describe('a timeline', () => {
  it('is tiled by segments: every frame once, in order, whatever is edited', async () => {
    await fc.assert(
      fc.asyncProperty(histories, async (history) => {
        const { timeline, frames, firstFrame } = play(history);
        const first = Math.round(framesToMs(firstFrame, pace) / SEGMENT_MS);
        const joined: Uint8Array[] = [];
        for (let number = first; joined.length === 0 || number < first + 4; number += 1) {
          const { start, endExclusive } = segmentFrames(number, SEGMENT_MS, pace);
          const stretches = timelineBetween(timeline, start, endExclusive);
          const items = await cutStretches(stretches, openCache(), { loadIndex });
          const plan = joinBytesOf(items, new Uint8Array(0));
          joined.push(await gather(readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, openCache())));
        }
        const played = joinBytes(joined);
        const expected = joinBytes(frames);
        const shared = Math.min(played.length, expected.length);
        expect(Buffer.compare(played.subarray(0, shared), expected.subarray(0, shared))).toBe(0);
        if (history.hasEnd) expect(played.length).toBeLessThanOrEqual(expected.length);
      }),
      { numRuns: 60 },
    );
  });

  it('reads on from any frame as its segments have it, and ends where it ends', async () => {
    await fc.assert(
      fc.asyncProperty(histories, fc.nat(3000), async (history, offset) => {
        const { timeline, frames, firstFrame } = play({ ...history, hasEnd: true });
        const skipped = Math.min(offset, frames.length - 1);
        const chunks: Uint8Array[] = [];
        const reading = readTimeline(timeline, firstFrame + skipped, openCache(), {
          burstMs: 10_000,
          loadIndex,
        });
        for await (const { bytes } of reading) chunks.push(bytes);
        expect(Buffer.compare(joinBytes(chunks), joinBytes(frames.slice(skipped)))).toBe(0);
        expect(endOfTimeline(timeline)).toBe(firstFrame + frames.length);
      }),
      { numRuns: 60 },
    );
  });

  it('is named by what is heard, not by how it came about', () => {
    const [a, b] = [library[2] ?? never(), library[3] ?? never()];
    const loop = createEndless([a, b], 'loop', 0);
    const one: Timeline = [{ endless: loop, originFrame: 0, untilFrame: Infinity }];
    const edited: Timeline = [
      { endless: loop, originFrame: 0, untilFrame: 227 },
      { endless: createEndless([a, b], 'loop', 9), originFrame: 227, untilFrame: Infinity },
    ];
    const name = (timeline: Timeline, start: number) =>
      nameStretches(timelineBetween(timeline, start, start + 300), start);
    expect(name(edited, 100)).toBe(name(one, 100));
    expect(name(one, 101)).not.toBe(name(one, 100));
    // The same frames at another time carry another timestamp.
    expect(name(one, 100 + 227)).not.toBe(name(one, 100));
    const other: Timeline = [
      { endless: createEndless([b, a], 'loop', 0), originFrame: 0, untilFrame: Infinity },
    ];
    expect(name(other, 100)).not.toBe(name(one, 100));
    expect(name(one, 100)).toMatch(/^[\w-]{22}$/);
  });

  it('plays its first queue also before that began', () => {
    const endless = createEndless([library[2] ?? never()], 'endless-shuffle', 3);
    const timeline: Timeline = [{ endless, originFrame: 1000, untilFrame: Infinity }];
    const frames = timelineBetween(timeline, 10, 47).reduce(
      (sum, stretch) => sum + (stretch.kind === 'part' ? stretch.endFrameExclusive - stretch.firstFrame : 0),
      0,
    );
    expect(frames).toBe(37);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
