import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError, isNotFound } from '../domain/app-error.ts';
import type { PlayMode } from '../domain/play-mode.ts';
import { readEndless } from './endless-reader.ts';
import type { EndlessReadOptions, TimedChunk } from './endless-reader.ts';
import { createEndless, epochTracks, positionAtMs } from './endless.ts';
import type { Endless } from './endless.ts';
import { RecordedObjects } from './fixtures/recorded-objects.ts';
import { joinBytes } from './fixtures/synthetic-mp3.ts';
import { storePart } from './fixtures/synthetic-parts.ts';
import type { SyntheticPart } from './fixtures/synthetic-parts.ts';
import { MAX_FRAME_BYTES } from './frame-header.ts';
import { framesToMs } from './frame-pace.ts';
import { createPieceCache } from './piece-cache.ts';
import type { PlanPart } from './plan-part.ts';

function open() {
  const objects = new RecordedObjects();
  const parts = [
    storePart(objects, 'a', 100),
    storePart(objects, 'b', 7, { leadBytes: 208 }),
    storePart(objects, 'c', 250, { isMixed: true }),
  ];
  const pieces = createPieceCache(objects, { pieceBytes: 10_000, maxBytes: 1_000_000 });
  const loaded: string[] = [];
  const loadIndex = async (part: PlanPart) => {
    loaded.push(part.sha256);
    return (part as SyntheticPart).frameIndex;
  };
  return { objects, parts, pieces, loaded, loadIndex };
}

/** Everything that an endless stream plays in its first epochs, joined without the code under test. */
const playedBytes = (endless: Endless, epochs: number): Uint8Array =>
  joinBytes(
    Array.from({ length: epochs }, (_, epoch) => epochTracks(endless, epoch))
      .flat()
      .map(({ part }) => (part as SyntheticPart).audio),
  );

/** The first so many bytes, with what was said of their duration. */
async function readBytes(
  endless: Endless,
  pieces: ReturnType<typeof createPieceCache>,
  options: EndlessReadOptions,
  count: number,
) {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let durationMs = 0;
  let longestMs = 0;
  for await (const chunk of readEndless(endless, pieces, options)) {
    chunks.push(chunk.bytes);
    bytes += chunk.bytes.length;
    durationMs += chunk.durationMs;
    longestMs = Math.max(longestMs, chunk.durationMs);
    if (bytes >= count) break;
  }
  return { bytes: joinBytes(chunks).subarray(0, count), total: bytes, durationMs, longestMs };
}

describe('readEndless', () => {
  it.each<PlayMode>(['loop', 'endless-shuffle'])(
    'plays %s epoch after epoch, without an Info frame',
    async (mode) => {
      const { parts, pieces, loaded, loadIndex } = open();
      const endless = createEndless(parts, mode, 12);
      const expected = playedBytes(endless, 5);
      const read = await readBytes(endless, pieces, { loadIndex }, expected.length);
      expect(Buffer.compare(read.bytes, expected)).toBe(0);
      expect(read.total).toBe(expected.length);
      expect(read.durationMs).toBeCloseTo(5 * endless.epochMs, 3);
      expect(read.longestMs).toBeLessThanOrEqual(2000);
      // Second 0 needs no index.
      expect(loaded).toEqual([]);
    },
  );

  it('starts anywhere with the very bytes that stand there', async () => {
    const { parts, pieces, loaded, loadIndex } = open();
    const endless = createEndless(parts, 'endless-shuffle', 3);
    const all = playedBytes(endless, 6);
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 4 * endless.epochMs, noNaN: true }), async (fromMs) => {
        const { epoch, partIndex, frameInPart, trackIndex } = positionAtMs(endless, fromMs);
        const before = epochTracks(endless, epoch).slice(0, trackIndex);
        const audio = parts[partIndex]?.audio ?? new Uint8Array(0);
        // The payload of each frame names it, which tells where it begins without arithmetic.
        const mark = Buffer.from(audio).indexOf(`${parts[partIndex]?.sha256}:${frameInPart}`);
        const skipped =
          epoch * endless.epochBytes + before.reduce((sum, { part }) => sum + part.audioBytes, 0) + mark - 40;
        const read = await readBytes(endless, pieces, { loadIndex, fromMs }, 60_000);
        expect(Buffer.compare(read.bytes, all.subarray(skipped, skipped + 60_000))).toBe(0);
      }),
      { numRuns: 300 },
    );
    expect(loaded.length).toBeGreaterThan(0);
  });

  it('gives a burst in as few chunks as can be, and then four seconds at a time, copying frames at most', async () => {
    const { objects, parts } = open();
    const [, , long] = parts;
    if (long === undefined) throw new Error('There are three parts.');
    const chunksOf = async (pieceBytes: number) => {
      const pieces = createPieceCache(objects, { pieceBytes, maxBytes: 1_000_000 });
      const loadIndex = async () => long.frameIndex;
      const chunks: TimedChunk[] = [];
      for await (const chunk of readEndless(createEndless([long], 'loop', 0), pieces, {
        burstMs: 5000,
        loadIndex,
      })) {
        chunks.push(chunk);
        if (chunks.reduce((sum, { durationMs }) => sum + durationMs, 0) > 12_000) return chunks;
      }
      return chunks;
    };
    const [first, restOfPart, third] = await chunksOf(1_000_000);
    expect(first?.durationMs).toBeGreaterThanOrEqual(5000);
    expect(first?.durationMs).toBeLessThan(5030);
    expect(restOfPart?.durationMs).toBeLessThan(4000);
    expect(third?.durationMs).toBeGreaterThan(3970);
    expect(third?.durationMs).toBeLessThanOrEqual(4000);
    const cut = await chunksOf(10_000);
    expect(joinBytes(cut.map(({ bytes }) => bytes)).subarray(0, long.audio.length)).toEqual(long.audio);
    // Views of pieces, whose memory comes in eighths of a whole one, or what was put together of two: a frame.
    const lastPieceBytes = Math.ceil(((long.audioStartByte + long.audioBytes) % 10_000) / 1250) * 1250;
    for (const { bytes } of cut) {
      expect([10_000, lastPieceBytes, MAX_FRAME_BYTES]).toContain(bytes.buffer.byteLength);
    }
  });

  it('starts years ahead as fast as today, with one index', async () => {
    const { parts, pieces, loaded, loadIndex } = open();
    const endless = createEndless(parts, 'endless-shuffle', 3);
    const fromMs = Date.UTC(2150, 0, 1) + 1;
    const read = await readBytes(endless, pieces, { loadIndex, fromMs }, 1000);
    expect(read.bytes[0]).toBe(0xff);
    expect(loaded.length).toBeLessThanOrEqual(1);
  });

  it('fails before its first byte when the part or its index is not there', async () => {
    const { objects, parts, pieces, loadIndex } = open();
    const endless = createEndless(parts, 'loop', 0);
    const noIndex = async () => Promise.reject(new Error('No index.'));
    const fromMs = framesToMs(10, endless.pace);
    await expect(readEndless(endless, pieces, { loadIndex: noIndex, fromMs }).next()).rejects.toThrow(
      'No index.',
    );
    const wrong = async () => ({ frameCount: 9, audioBytes: 9, offsets: [0] });
    const unavailable = (error: unknown) => isAppError(error, 'storage_unavailable');
    await expect(readEndless(endless, pieces, { loadIndex: wrong, fromMs }).next()).rejects.toSatisfy(
      unavailable,
    );
    objects.remove('playable/a.mp3');
    await expect(readEndless(endless, pieces, { loadIndex }).next()).rejects.toSatisfy(isNotFound);
  });

  it('throws when a part holds something else than its record says', async () => {
    const { objects, parts, pieces, loadIndex } = open();
    const unavailable = (error: unknown) => isAppError(error, 'storage_unavailable');
    const [a] = parts;
    if (a === undefined) throw new Error('There are parts.');
    const lying = createEndless([{ ...a, frameCount: 101 }], 'loop', 0);
    await expect(readBytes(lying, pieces, { loadIndex }, 1_000_000)).rejects.toSatisfy(unavailable);
    objects.put(a.key, new Uint8Array(a.audioStartByte + a.audioBytes));
    const fresh = createPieceCache(objects, { pieceBytes: 10_000, maxBytes: 100_000 });
    await expect(readEndless(createEndless([a], 'loop', 0), fresh, { loadIndex }).next()).rejects.toSatisfy(
      unavailable,
    );
  });

  it('stops when aborted', async () => {
    const { parts, pieces, loadIndex } = open();
    const controller = new AbortController();
    const endless = createEndless(parts, 'loop', 0);
    const reading = readEndless(endless, pieces, { loadIndex, signal: controller.signal });
    await reading.next();
    controller.abort();
    await expect(reading.next()).rejects.toSatisfy((error) => isAppError(error, 'aborted'));
  });
});
