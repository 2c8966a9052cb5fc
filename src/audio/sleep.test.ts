import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLAY_MODES, isEndless } from '../domain/play-mode.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { cutStretches } from './cut-stretches.ts';
import { createEndless, epochTracks } from './endless.ts';
import type { Endless } from './endless.ts';
import { fadeFrames } from './fade.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { gather, inChunks, joinBytes } from './fixtures/synthetic-mp3.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import type { SyntheticPart } from './fixtures/synthetic-parts.ts';
import { msToFrame } from './frame-pace.ts';
import { scanMp3 } from './mp3-scan.ts';
import { createPieceCache } from './piece-cache.ts';
import { countTracks, listTracks } from './plan-tracks.ts';
import { stretchesUntilSleep } from './sleep.ts';
import type { SleepTimer } from './sleep.ts';
import { planStream } from './stream-plan.ts';
import type { StreamPlan } from './stream-plan.ts';
import { readPlan } from './stream-reader.ts';

const FADE_FRAMES = 766;
const objects = new RecordedObjects();
const library = [
  storePart(objects, 'one', 1, { isLoud: true }),
  storePart(objects, 'two', 2, { isLoud: true, leadBytes: 0 }),
  storePart(objects, 'some', 37, { isLoud: true, leadBytes: 208 }),
  storePart(objects, 'mixed', 190, { isLoud: true, isMixed: true }),
  storePart(objects, 'long', 900, { isLoud: true }),
];

const timers = fc.record({
  ms: fc.integer({ min: 1000, max: 45_000 }),
  mode: fc.constantFrom('track', 'exact'),
}) satisfies fc.Arbitrary<SleepTimer>;
const streams = fc.record({
  places: fc.array(fc.nat(library.length - 1), { minLength: 1, maxLength: 6 }),
  mode: fc.constantFrom(...PLAY_MODES),
  seed: fc.nat(5),
  startShare: fc.double({ min: 0, max: 2.5, noNaN: true, maxExcluded: true }),
});
const cuts = fc.array(fc.nat(1_000_000), { maxLength: 5 });

const openCache = () => createPieceCache(objects, { pieceBytes: 5000, maxBytes: 50_000 });

async function planSleep(endless: Endless, start: number, sleep: SleepTimer): Promise<StreamPlan> {
  const loadIndex = async (part: object) => (part as SyntheticPart).frameIndex;
  const stretches = stretchesUntilSleep(endless, start, sleep);
  return planStream(await cutStretches(stretches, openCache(), { loadIndex }), { sleep });
}

const readWhole = (plan: StreamPlan) =>
  gather(readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, openCache()));

function framesOf(part: SyntheticPart): Uint8Array[] {
  const { offsets, audioBytes } = part.frameIndex;
  const all: Uint8Array[] = [];
  for (const [entry, offset] of offsets.entries()) {
    let rest = part.audio.subarray(offset, offsets[entry + 1] ?? audioBytes);
    while (rest.length > 0) {
      // Frames name themselves: the next begins where its header stands before its name.
      const next = rest.indexOf(0xff, 40);
      all.push(next === -1 ? rest : rest.subarray(0, next));
      rest = next === -1 ? rest.subarray(rest.length) : rest.subarray(next);
    }
  }
  return all;
}

/** What must be heard, frame by frame and without any of the arithmetic under test. */
function expectFrames(endless: Endless, start: number, sleep: SleepTimer): Uint8Array[] {
  const needed = start + msToFrame(sleep.ms, endless.pace);
  const frames: Uint8Array[] = [];
  let end: number | null = null;
  for (let epoch = 0; end === null && (epoch === 0 || isEndless(endless.mode)); epoch += 1) {
    for (const { part } of epochTracks(endless, epoch)) {
      frames.push(...framesOf(part as SyntheticPart));
      if (frames.length > needed) {
        end = sleep.mode === 'track' ? frames.length : needed + 1;
        break;
      }
    }
  }
  if (end === null) return frames.slice(start);
  const heard = frames.slice(start, end);
  const fading = Math.min(FADE_FRAMES, heard.length);
  return heard.map((frame, number) => {
    const firstFrame = number - (heard.length - fading);
    if (firstFrame < 0) return frame;
    const faded = frame.slice();
    fadeFrames(faded, { firstFrame, frameCount: fading });
    return faded;
  });
}

describe('a stream with a sleep timer', () => {
  it('has the frames of the stream up to its end, the last 20 seconds of them faded, in any ranges', async () => {
    await fc.assert(
      fc.asyncProperty(
        streams,
        timers,
        cuts,
        async ({ places, mode, seed, startShare }, sleep, fractions) => {
          const parts = places.map((place) => library[place] ?? never());
          const endless = createEndless(parts, mode, seed);
          const start = Math.floor(endless.epochFrames * (isEndless(mode) ? startShare : startShare / 2.5));
          const plan = await planSleep(endless, start, sleep);
          const expected = joinBytes(expectFrames(endless, start, sleep));
          const whole = await readWhole(plan);
          expect(whole.length).toBe(plan.totalBytes);
          expect(Buffer.compare(whole.subarray(plan.leadBytes), expected)).toBe(0);

          const inner = fractions.map((each) => Math.floor((each / 1_000_000) * plan.totalBytes));
          const bounds = [0, ...inner.sort((x, y) => x - y), plan.totalBytes];
          const ranges = bounds.slice(1).map((endExclusive, i) => ({ start: bounds[i] ?? 0, endExclusive }));
          const pieces = openCache();
          const read = await Promise.all(ranges.map((range) => gather(readPlan(plan, range, pieces))));
          expect(Buffer.compare(joinBytes(read), whole)).toBe(0);

          const tracks = [...listTracks(plan)];
          expect(tracks).toHaveLength(countTracks(plan));
          expect(tracks.reduce((sum, { lengthBytes }) => sum + lengthBytes, plan.leadBytes)).toBe(
            whole.length,
          );
          expect(tracks.reduce((sum, { durationMs }) => sum + durationMs, 0)).toBeCloseTo(plan.durationMs, 3);
        },
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('says in its Info frame how long it is', async () => {
    const endless = createEndless([library[2] ?? never(), library[3] ?? never()], 'endless-shuffle', 3);
    const plan = await planSleep(endless, 50, { ms: 40_000, mode: 'exact' });
    const frameCount = 1 + Math.floor((40 * 44_100) / 1152);
    const bytes = await readWhole(plan);
    expect(new DataView(bytes.buffer).getUint32(44)).toBe(frameCount);
    expect(new DataView(bytes.buffer).getUint32(48)).toBe(bytes.length);
    expect(plan.durationMs).toBeCloseTo((frameCount * 1152_000) / 44_100, 6);
    const scan = await scanMp3(inChunks(bytes));
    expect(scan).toMatchObject({ frameCount, junkBytes: 0, resyncCount: 0 });
  });

  it('tells where its hundredths lie, turn by turn', async () => {
    const dense = {
      ...(library[3] ?? never()),
      frameCount: 900,
      audioBytes: 5 * (library[4] ?? never()).audioBytes,
    };
    const endless = createEndless([library[4] ?? never(), dense], 'loop', 0);
    // Frames of a turn: 900 of one, 900 of five times the bytes; three turns and the first half of a fourth.
    const sleep = { ms: ((6 * 900 + 800) * 1152_000) / 44_100, mode: 'track' } as const;
    const plan = await planSleep(endless, 0, sleep);
    expect(plan.items.map(({ kind }) => kind)).toEqual(['turns', 'part', 'part']);
    const [first] = plan.segments;
    const toc = first?.kind === 'bytes' ? [...first.bytes.subarray(52, 152)] : [];
    // Seven sevenths of the time, with 1, 5, 1, 5, 1, 5 and 1 nineteenths of the bytes.
    const starts = [0, 1, 6, 7, 12, 13, 18].map((nineteenths) => Math.floor((nineteenths * 256) / 19));
    starts.forEach((start, seventh) => {
      const entry = toc[Math.ceil((seventh * 100) / 7)] ?? -1;
      expect(entry).toBeGreaterThanOrEqual(start);
      expect(entry).toBeLessThan(start + 6);
    });
    expect(toc).toEqual(toc.toSorted((x, y) => x - y));
  });

  it('is not cut and does not fade where the audio ends before the timer', async () => {
    const endless = createEndless([library[4] ?? never()], 'sequential', 0);
    // 900 frames are 23.51 s.
    const plan = await planSleep(endless, 0, { ms: 23_511, mode: 'exact' });
    expect(plan.items).toMatchObject([{ part: { frameCount: 900 }, fade: undefined }]);
    const within = await planSleep(endless, 0, { ms: 23_509, mode: 'exact' });
    expect(within.items).toMatchObject([
      { part: { frameCount: 134 }, fade: undefined },
      { part: { frameCount: 766 }, fade: { firstFrame: 0, frameCount: 766 }, isContinued: true },
    ]);
  });

  it('has an ETag of its own for each time and mode', async () => {
    const endless = createEndless([library[4] ?? never()], 'sequential', 0);
    const plain = await planSleep(endless, 0, { ms: 30_000, mode: 'exact' });
    const others = await Promise.all([
      planSleep(endless, 0, { ms: 30_000, mode: 'track' }),
      planSleep(endless, 0, { ms: 30_001, mode: 'exact' }),
      planSleep(endless, 0, { ms: 3000, mode: 'exact' }),
      planSleep(endless, 0, { ms: 3000, mode: 'track' }),
      planSleep(createEndless([library[4] ?? never()], 'loop', 0), 0, { ms: 30_000, mode: 'exact' }),
    ]);
    expect(new Set([plain, ...others].map(({ etag }) => etag)).size).toBe(6);
    expect((await planSleep(endless, 0, { ms: 30_000, mode: 'exact' })).etag).toBe(plain.etag);
  });

  it.each(['loop', 'endless-shuffle'] as const)('is small for a day of %s of short files', async (mode) => {
    const short = Array.from({ length: 50 }, (_, number) => ({
      ...(library[2] ?? never()),
      sha256: `${number}`,
    }));
    const endless = createEndless(short, mode, 1);
    const plan = await planSleep(endless, 20, { ms: 86_400_000, mode: 'track' });
    expect(plan.segments.length).toBeLessThan(150);
    expect(countTracks(plan)).toBeGreaterThan(89_000);
    const inTheMiddle = { start: 600_000_000, endExclusive: 600_050_000 };
    const recorded = objects.reads.length;
    expect(await gather(readPlan(plan, inTheMiddle, openCache()))).toHaveLength(50_000);
    expect(objects.reads.length - recorded).toBeLessThan(20);
  });

  it('reads nothing to plan but the frames around its cuts', async () => {
    const recorded = new RecordedObjects();
    const parts = ['a', 'b', 'c'].map((name) => storePart(recorded, name, 2000));
    const asked: string[] = [];
    const loadIndex = async (part: { sha256: string }) => {
      asked.push(part.sha256);
      return (part as SyntheticPart).frameIndex;
    };
    const pieces = createPieceCache(recorded, { pieceBytes: 4096, maxBytes: 100_000 });
    const endless = createEndless(parts, 'loop', 0);
    // From the middle of a to the middle of c in the next turn, where b begins to fade.
    const stretches = stretchesUntilSleep(endless, 500, { ms: 260_000, mode: 'exact' });
    await cutStretches(stretches, pieces, { loadIndex });
    expect(asked).toEqual(['a', 'b', 'c']);
    const readBytes = recorded.reads.reduce((sum, { range }) => sum + range.endExclusive - range.start, 0);
    // 64 frames of 418 bytes at most for each cut, in whole pieces.
    expect(readBytes).toBeLessThan(3 * (64 * 418 + 2 * 4096));
  });
});

describe('the end of a sleep timer', () => {
  const endless = (mode: PlayMode) => createEndless([library[2] ?? never(), library[4] ?? never()], mode, 0);

  it.each([
    // The 37 frames of the first play until 966.5 ms.
    ['track', 1000, 937],
    ['exact', 1000, 39],
    // Second 24.476 is the last of the turn.
    ['track', 24_475, 937],
    ['track', 24_480, 974],
    ['exact', 24_480, 938],
  ] as const)('is with the %s that plays at %d ms: %d frames', async (mode, ms, frames) => {
    const plan = await planSleep(endless('loop'), 0, { ms, mode });
    expect(plan.durationMs).toBeCloseTo((frames * 1152_000) / 44_100, 6);
  });
});

const never = (): never => {
  throw new Error('It is there.');
};
