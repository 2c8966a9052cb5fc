import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError, isNotFound } from '../domain/app-error.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { gather } from './fixtures/synthetic-mp3.ts';
import { createPieceCache } from './piece-cache.ts';

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed) % 251);

function open(options: { maxBytes?: number; pieceBytes?: number } = {}) {
  const objects = new RecordedObjects();
  objects.put('a', bytes(1000));
  objects.put('b', bytes(950, 7));
  const pieces = createPieceCache(objects, { maxBytes: 1000, pieceBytes: 100, ...options });
  const read = (key: 'a' | 'b', start: number, endExclusive: number, signal?: AbortSignal) =>
    gather(pieces.read({ key, sizeBytes: key === 'a' ? 1000 : 950 }, { start, endExclusive }, signal));
  return { objects, pieces, read };
}

/** Lets everything happen that waits for nothing from outside. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('piece cache', () => {
  it('gives the bytes of any range, in chunks of at most a piece', async () => {
    const { pieces, read } = open({ maxBytes: 300 });
    await fc.assert(
      fc.asyncProperty(fc.nat(950), fc.nat(950), async (one, other) => {
        const [start, endExclusive] = [Math.min(one, other), Math.max(one, other)];
        expect(await read('b', start, endExclusive)).toEqual(bytes(950, 7).subarray(start, endExclusive));
        expect(pieces.sizeBytes).toBeLessThanOrEqual(300);
      }),
    );
    for await (const chunk of pieces.read({ key: 'a', sizeBytes: 1000 }, { start: 50, endExclusive: 333 })) {
      expect(chunk.length).toBeLessThanOrEqual(100);
    }
  });

  it('asks the store for whole pieces, the last one as long as the object', async () => {
    const { objects, read } = open();
    await read('b', 890, 950);
    expect(objects.reads.map((each) => each.range)).toEqual([
      { start: 800, endExclusive: 900 },
      { start: 900, endExclusive: 950 },
    ]);
  });

  it('reads a piece once, for those who ask at the same time and those who ask later', async () => {
    const { objects, read } = open();
    objects.holdBack();
    const askers = [read('a', 0, 100), read('a', 20, 30), read('a', 99, 100)];
    await settle();
    objects.letGo();
    const [whole, middle] = await Promise.all(askers);
    expect(whole).toEqual(bytes(1000).subarray(0, 100));
    expect(middle).toEqual(bytes(1000).subarray(20, 30));
    await read('a', 0, 100);
    expect(objects.reads).toHaveLength(1);
  });

  it('shares the piece itself and copies nothing', async () => {
    const { pieces } = open();
    const buffers = new Set<unknown>();
    for (const range of [
      { start: 0, endExclusive: 10 },
      { start: 5, endExclusive: 100 },
    ]) {
      for await (const chunk of pieces.read({ key: 'a', sizeBytes: 1000 }, range)) buffers.add(chunk.buffer);
    }
    expect(buffers.size).toBe(1);
  });

  it('gives at once what lies within a piece that it holds, and holds that for longer', async () => {
    const { pieces, read } = open({ maxBytes: 300 });
    const object = { key: 'a', sizeBytes: 1000 };
    const peek = (start: number, endExclusive: number) => pieces.peek(object, { start, endExclusive });
    expect(peek(0, 10)).toBeUndefined();
    for (const at of [0, 100, 200]) await read('a', at, at + 1);
    expect(peek(0, 100)).toEqual(bytes(1000).subarray(0, 100));
    expect(peek(199, 200)).toEqual(bytes(1000).subarray(199, 200));
    expect(peek(99, 101)).toEqual(bytes(1000).subarray(99, 100));
    await read('a', 300, 301);
    expect(peek(200, 201)).toBeUndefined();
    expect(peek(0, 1)).toEqual(bytes(1000).subarray(0, 1));
    await read('a', 900, 1000);
    expect(peek(950, 1001)).toBeUndefined();
  });

  it('drops the piece that was unused for longest', async () => {
    const { objects, pieces, read } = open({ maxBytes: 300 });
    for (const at of [0, 100, 200]) await read('a', at, at + 1);
    await read('a', 0, 1);
    await read('a', 300, 301);
    expect(pieces.sizeBytes).toBe(300);
    expect(objects.reads).toHaveLength(4);
    await read('a', 0, 1);
    expect(objects.reads).toHaveLength(4);
    await read('a', 100, 101);
    expect(objects.reads).toHaveLength(5);
  });

  it('never holds and reads more than its bound together: others wait for their turn', async () => {
    const { objects, pieces, read } = open({ maxBytes: 250 });
    await read('b', 0, 1);
    objects.holdBack();
    const askers = [0, 1, 2, 3, 4].map((number) => read('a', number * 100, number * 100 + 1));
    await settle();
    expect(pieces.sizeBytes).toBe(200);
    expect(objects.reads).toHaveLength(1 + 2);
    objects.letGo();
    expect(await Promise.all(askers)).toHaveLength(5);
    expect(pieces.sizeBytes).toBe(200);
    expect(objects.reads).toHaveLength(1 + 5);
  });

  it('goes on for those who stay when one leaves, and stops the read when all have left', async () => {
    const { objects, pieces, read } = open();
    objects.holdBack();
    const [first, second] = [new AbortController(), new AbortController()];
    const gone = read('a', 0, 1, first.signal);
    const stays = read('a', 0, 2, second.signal);
    await settle();
    first.abort();
    await expect(gone).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    expect(objects.reads[0]?.signal.aborted).toBe(false);
    second.abort();
    await expect(stays).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    expect(objects.reads[0]?.signal.aborted).toBe(true);

    const next = read('a', 0, 3);
    await settle();
    objects.letGo();
    expect(await next).toEqual(bytes(1000).subarray(0, 3));
    expect(objects.reads).toHaveLength(2);
    await settle();
    expect(pieces.sizeBytes).toBe(100);
  });

  it('lets the next one go ahead when one who waits for room leaves', async () => {
    const { objects, pieces, read } = open({ maxBytes: 100 });
    objects.holdBack();
    const leaver = new AbortController();
    const reading = read('a', 0, 1);
    const waiting = read('a', 100, 101, leaver.signal);
    const last = read('a', 200, 201);
    await settle();
    leaver.abort();
    await expect(waiting).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    objects.letGo();
    expect(await Promise.all([reading, last])).toHaveLength(2);
    expect(objects.reads.map((each) => each.range.start)).toEqual([0, 200]);
    expect(pieces.sizeBytes).toBe(100);
  });

  it('keeps nothing of a read that failed', async () => {
    const { objects, pieces, read } = open();
    const all = bytes(1000);
    objects.remove('a');
    await expect(Promise.all([read('a', 0, 1), read('a', 0, 2)])).rejects.toSatisfy(isNotFound);
    expect(pieces.sizeBytes).toBe(0);
    objects.put('a', all);
    expect(await read('a', 0, 2)).toEqual(all.subarray(0, 2));
  });

  it('throws for an object that is shorter than its record says', async () => {
    const { objects, pieces, read } = open();
    objects.put('a', bytes(980));
    const short = (error: unknown) => isAppError(error, 'storage_unavailable');
    await expect(read('a', 900, 1000)).rejects.toSatisfy(short);
    const past = pieces.read({ key: 'b', sizeBytes: 950 }, { start: 940, endExclusive: 951 });
    await expect(gather(past)).rejects.toSatisfy(short);
    expect(pieces.sizeBytes).toBe(0);
  });

  it('reads nothing further once the iteration is left or aborted', async () => {
    const { objects, pieces } = open();
    for await (const chunk of pieces.read({ key: 'a', sizeBytes: 1000 }, { start: 0, endExclusive: 1000 })) {
      expect(chunk).toHaveLength(100);
      break;
    }
    await settle();
    expect(objects.reads).toHaveLength(1);

    const controller = new AbortController();
    const chunks = pieces.read(
      { key: 'a', sizeBytes: 1000 },
      { start: 0, endExclusive: 1000 },
      controller.signal,
    );
    const iterator = chunks[Symbol.asyncIterator]();
    await iterator.next();
    controller.abort();
    await expect(iterator.next()).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
    expect(objects.reads).toHaveLength(1);
  });

  it('uses memory again that was given back, and none that was not', async () => {
    const buffersOf = async (hasDone: boolean) => {
      const { pieces } = open({ maxBytes: 300 });
      const buffers = new Set<unknown>();
      const all = { start: 0, endExclusive: 1000 };
      for (let round = 0; round < 5; round += 1) {
        for await (const chunk of pieces.read({ key: 'a', sizeBytes: 1000 }, all)) {
          buffers.add(chunk.buffer);
          if (hasDone) pieces.giveBack(chunk);
        }
      }
      return buffers.size;
    };
    expect(await buffersOf(false)).toBe(50);
    expect(await buffersOf(true)).toBeLessThanOrEqual(4);
  });

  it('never changes what somebody may still look at, whoever gives back, leaves or fails', async () => {
    const reader = fc.record({
      key: fc.constantFrom('a' as const, 'b' as const),
      start: fc.nat(900),
      length: fc.integer({ min: 1, max: 600 }),
      // What it does with each chunk by turns: give it back at once, later, or never; or leave.
      manners: fc.array(fc.constantFrom('now', 'late', 'never', 'leave'), { minLength: 1 }),
      pauses: fc.array(fc.nat(3), { minLength: 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reader, { minLength: 2, maxLength: 8 }), async (readers) => {
        const { pieces } = open({ maxBytes: 300 });
        const contents = { a: bytes(1000), b: bytes(950, 7) };
        const run = async ({ key, start, length, manners, pauses }: (typeof readers)[number]) => {
          const content = contents[key];
          const endExclusive = Math.min(start + length, content.length);
          const kept: { chunk: Uint8Array; at: number; isLate: boolean }[] = [];
          let at = start;
          let turn = 0;
          for await (const chunk of pieces.read(
            { key, sizeBytes: content.length },
            { start, endExclusive },
          )) {
            const manner = manners[turn % manners.length];
            for (let left = pauses[turn % pauses.length] ?? 0; left > 0; left -= 1) await settle();
            expect(chunk).toEqual(content.subarray(at, at + chunk.length));
            if (manner === 'leave') break;
            if (manner === 'now') pieces.giveBack(chunk);
            else kept.push({ chunk, at, isLate: manner === 'late' });
            at += chunk.length;
            turn += 1;
          }
          await settle();
          for (const { chunk, at: place, isLate } of kept) {
            expect(chunk).toEqual(content.subarray(place, place + chunk.length));
            if (isLate) pieces.giveBack(chunk);
          }
          return kept.filter(({ isLate }) => !isLate).map((one) => ({ ...one, content }));
        };
        const kept = (await Promise.all(readers.map(run))).flat();
        for (const { chunk, at, content } of kept) {
          expect(chunk).toEqual(content.subarray(at, at + chunk.length));
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cannot be made too small for a single piece', () => {
    expect(() => open({ maxBytes: 99 })).toThrow(RangeError);
    expect(() => open({ pieceBytes: 0 })).toThrow(RangeError);
  });
});
