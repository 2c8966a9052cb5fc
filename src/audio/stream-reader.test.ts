import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError, isNotFound } from '../domain/app-error.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { gather, inChunks, joinBytes } from './fixtures/synthetic-mp3.ts';
import { planWhole, storePart } from './fixtures/synthetic-parts.ts';
import { scanMp3 } from './mp3-scan.ts';
import { createPieceCache } from './piece-cache.ts';
import { findHeldOfPlan, readPlan } from './stream-reader.ts';

const objects = new RecordedObjects();
const parts = [
  storePart(objects, 'one', 1),
  storePart(objects, 'two', 2, { leadBytes: 0 }),
  storePart(objects, 'some', 37, { leadBytes: 208 }),
  storePart(objects, 'mixed', 90, { isMixed: true }),
  storePart(objects, 'long', 300),
];

/** What must come out, joined without any of the code under test. */
function expectedBytes(order: readonly number[]): Uint8Array {
  const [info] = planWhole(parts, order).segments;
  if (info?.kind !== 'bytes') throw new Error('The Info frame comes first.');
  return joinBytes([info.bytes, ...order.map((index) => parts[index]?.audio ?? new Uint8Array(0))]);
}

const orders = fc.array(fc.nat(parts.length - 1), { minLength: 1, maxLength: 8 });
const caches = fc.record({
  pieceBytes: fc.integer({ min: 64, max: 20_000 }),
  pieceCount: fc.integer({ min: 1, max: 20 }),
});
/** Where to cut, in millionths of the whole. */
const cuts = fc.array(fc.nat(1_000_000), { maxLength: 6 });

describe('readPlan', () => {
  it('for any plan and any split into ranges, the pieces rejoin to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(orders, caches, cuts, async (order, { pieceBytes, pieceCount }, fractions) => {
        const pieces = createPieceCache(objects, { pieceBytes, maxBytes: pieceBytes * pieceCount });
        const plan = planWhole(parts, order);
        const whole = expectedBytes(order);
        expect(plan.totalBytes).toBe(whole.length);
        const inner = fractions.map((each) => Math.floor((each / 1_000_000) * whole.length));
        const bounds = [0, ...inner.sort((x, y) => x - y), whole.length];
        const ranges = bounds.slice(1).map((endExclusive, i) => ({ start: bounds[i] ?? 0, endExclusive }));
        // All at once, as players do that seek: the answers must not depend on each other.
        const read = await Promise.all(ranges.map((range) => gather(readPlan(plan, range, pieces))));
        ranges.forEach((range, i) => {
          expect(read[i]?.length).toBe(range.endExclusive - range.start);
        });
        expect(Buffer.compare(joinBytes(read), whole)).toBe(0);
      }),
      { numRuns: 400 },
    );
  }, 60_000);

  it('gives an MP3 whose frames are those of its parts, and nothing else', async () => {
    const pieces = createPieceCache(objects, { pieceBytes: 1000, maxBytes: 10_000 });
    const plan = planWhole(parts, [0, 3, 4, 1, 2, 3]);
    const bytes = await gather(readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, pieces));
    expect(await scanMp3(inChunks(bytes))).toMatchObject({
      frameCount: 1 + 90 + 300 + 2 + 37 + 90,
      junkBytes: 0,
      resyncCount: 0,
      uniform: true,
    });
  });

  it('reads only what is asked for, when its turn comes', async () => {
    const recorded = new RecordedObjects();
    const own = [storePart(recorded, 'x', 20), storePart(recorded, 'y', 20)];
    const pieces = createPieceCache(recorded, { pieceBytes: 4096, maxBytes: 65_536 });
    const plan = planWhole(own, [0, 1]);
    const probe = await gather(readPlan(plan, { start: 0, endExclusive: 2 }, pieces));
    expect([...probe]).toEqual([0xff, 0xfb]);
    expect(recorded.reads).toHaveLength(0);
    for await (const chunk of readPlan(plan, { start: 500, endExclusive: plan.totalBytes }, pieces)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(recorded.reads.map((each) => each.key)).toEqual([own[0]?.key]);
  });

  it('reads the pieces that hold a range, each once, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.nat(1_000_000), fc.nat(1_000_000), async (order, one, other) => {
        const plan = planWhole(parts, order);
        const [start = 0, endExclusive = 0] = [one, other]
          .map((fraction) => Math.floor((fraction / 1_000_000) * plan.totalBytes))
          .sort((x, y) => x - y);
        const pieceBytes = 1000;
        const needed = new Set<string>();
        for (const segment of plan.segments) {
          if (segment.kind !== 'part') continue;
          const from = Math.max(start, segment.start) - segment.start + segment.sourceStart;
          const to = Math.min(endExclusive, segment.endExclusive) - segment.start + segment.sourceStart;
          for (let at = from - (from % pieceBytes); from < to && at < to; at += pieceBytes) {
            needed.add(`${segment.key} ${at}`);
          }
        }
        objects.reads.length = 0;
        const pieces = createPieceCache(objects, { pieceBytes, maxBytes: 1_000_000 });
        const bytes = await gather(readPlan(plan, { start, endExclusive }, pieces));
        expect(bytes.length).toBe(endExclusive - start);
        const read = objects.reads.map(({ key, range }) => `${key} ${range.start}`);
        expect(read.toSorted()).toEqual([...needed].toSorted());
      }),
      { numRuns: 300 },
    );
  });

  it('throws rather than give other bytes when a part is gone or shorter than it was', async () => {
    const recorded = new RecordedObjects();
    const own = [storePart(recorded, 'x', 20), storePart(recorded, 'y', 20)];
    const plan = planWhole(own, [0, 1]);
    const whole = { start: 0, endExclusive: plan.totalBytes };
    const read = async () => {
      const pieces = createPieceCache(recorded, { pieceBytes: 4096, maxBytes: 65_536 });
      let bytes = 0;
      try {
        for await (const chunk of readPlan(plan, whole, pieces)) bytes += chunk.length;
      } catch (error) {
        return { bytes, error };
      }
      return { bytes, error: null };
    };
    recorded.put('playable/y.mp3', new Uint8Array(5000));
    const short = await read();
    expect(isAppError(short.error, 'storage_unavailable')).toBe(true);
    recorded.remove('playable/y.mp3');
    const gone = await read();
    expect(isNotFound(gone.error)).toBe(true);
    expect(gone.bytes).toBe(417 + (own[0]?.audioBytes ?? 0));
  });

  it('throws when a cache gives more or fewer bytes than asked for', async () => {
    const plan = planWhole(parts, [4]);
    for (const surplus of [1, -1]) {
      const pieces = {
        sizeBytes: 0,
        peek: () => undefined,
        giveBack: () => undefined,
        async *read(_: unknown, range: { start: number; endExclusive: number }) {
          yield new Uint8Array(range.endExclusive - range.start + surplus);
        },
      };
      const read = gather(readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, pieces));
      await expect(read).rejects.toSatisfy((error) => isAppError(error, 'storage_unavailable'));
    }
  });

  it('stops at once when aborted, and refuses ranges beyond the plan', async () => {
    const pieces = createPieceCache(objects, { pieceBytes: 1000, maxBytes: 10_000 });
    const plan = planWhole(parts, [4, 4]);
    const controller = new AbortController();
    const reading = readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, pieces, controller.signal);
    await reading.next();
    controller.abort();
    await expect(reading.next()).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    const beyond = readPlan(plan, { start: 0, endExclusive: plan.totalBytes + 1 }, pieces);
    await expect(beyond.next()).rejects.toThrow(RangeError);
  });
});

describe('findHeldOfPlan', () => {
  const readAll = (source: RecordedObjects, plan: ReturnType<typeof planWhole>, pieceBytes: number) => {
    const pieces = createPieceCache(source, { pieceBytes, maxBytes: 1_000_000 });
    return gather(readPlan(plan, { start: 0, endExclusive: plan.totalBytes }, pieces)).then(() => pieces);
  };

  it('gives the bytes of any range at once when the cache has them, and a beginning when enough is less', async () => {
    await fc.assert(
      fc.asyncProperty(orders, fc.nat(1_000_000), fc.nat(1_000_000), async (order, one, other) => {
        const plan = planWhole(parts, order);
        const [start = 0, endExclusive = 0] = [one, other]
          .map((fraction) => Math.floor((fraction / 1_000_000) * plan.totalBytes))
          .sort((x, y) => x - y);
        const pieces = await readAll(objects, plan, 4096);
        const wanted = expectedBytes(order).subarray(start, endExclusive);
        const all = joinBytes(findHeldOfPlan(plan, { start, endExclusive }, pieces, Infinity));
        expect(Buffer.compare(all, wanted)).toBe(0);
        const some = joinBytes(findHeldOfPlan(plan, { start, endExclusive }, pieces, 6000));
        expect(some.length).toBeGreaterThanOrEqual(Math.min(6000, wanted.length));
        expect(some.length).toBeLessThan(6000 + 4096);
        expect(Buffer.compare(some, wanted.subarray(0, some.length))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('ends where the cache ends, and gives no Info frame alone', async () => {
    const plan = planWhole(parts, [4, 3]);
    const whole = { start: 0, endExclusive: plan.totalBytes };
    const pieces = createPieceCache(objects, { pieceBytes: 4096, maxBytes: 1_000_000 });
    expect(findHeldOfPlan(plan, whole, pieces, Infinity)).toEqual([]);
    expect(findHeldOfPlan(plan, { start: 0, endExclusive: 10 }, pieces, Infinity)).toHaveLength(1);
    const begun = { start: 0, endExclusive: plan.leadBytes + 1 };
    await gather(readPlan(plan, begun, pieces));
    const held = joinBytes(findHeldOfPlan(plan, whole, pieces, Infinity));
    expect(held.length).toBeGreaterThan(plan.leadBytes);
    expect(held.length).toBeLessThanOrEqual(plan.leadBytes + 4096);
    expect(Buffer.compare(held, expectedBytes([4, 3]).subarray(0, held.length))).toBe(0);
  });
});
