import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bitOf, layoutOf, packReservoir, readBitsOf } from './fixtures/reservoir-mp3.ts';
import type { ReservoirKind } from './fixtures/reservoir-mp3.ts';
import { joinBytes, makeFrame, makeId3v1, makeId3v2 } from './fixtures/synthetic-mp3.ts';
import { framesOf, scanOf, unwound } from './fixtures/unwound.ts';
import { listBitratesKbps } from './frame-header.ts';

const STEREO: ReservoirKind = { sampleRateHz: 44_100, channels: 2 };

const kinds = fc.constantFrom<ReservoirKind>(
  STEREO,
  { sampleRateHz: 48_000, channels: 2 },
  { sampleRateHz: 32_000, channels: 1 },
  { sampleRateHz: 22_050, channels: 2 },
  { sampleRateHz: 24_000, channels: 1 },
  { sampleRateHz: 8_000, channels: 1 },
);

/** Below 32 kbit/s a frame may be too short for its own side information; near the top most sources pass the highest
 * bit rate, so that half of them keep away from it. */
const rateBounds = fc.constantFrom(96, 320);

const sources = fc.tuple(kinds, rateBounds).chain(([kind, maxKbps]) => {
  const rates = listBitratesKbps(kind.sampleRateHz).filter((kbps) => kbps >= 32 && kbps <= maxKbps);
  const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }));
  const frame = fc.record({
    bitrateKbps: fc.constantFrom(...rates),
    isPadded: fc.boolean(),
    hasCrc: fc.boolean(),
    borrow: share,
    use: share,
  });
  const frames = fc.array(frame, { minLength: 2, maxLength: 120 });
  return fc.record({ kind: fc.constant(kind), seed: fc.integer(), frames });
});

describe('unwinding, whatever the reservoir looks like', () => {
  it('keeps every bit of main data, frame by frame, and says before what it makes', async () => {
    await fc.assert(
      fc.asyncProperty(sources, async ({ kind, seed, frames }) => {
        const packed = packReservoir(kind, frames, seed);
        const scan = await scanOf(packed.bytes);
        expect(scan).toMatchObject({ damagedFrameCount: 0, orphanFrameCount: 0, frameCount: frames.length });
        const passes = packed.frames.some(({ payload }) => payload.length > largestRoom(kind) * 8);
        const borrows = packed.frames.some(({ borrowedBytes }) => borrowedBytes > 0);
        expect(scan.usesReservoir).toBe(borrows);
        expect(scan.unwound === null).toBe(passes || !borrows);

        if (scan.unwound === null) return;
        const made = await unwound(packed.bytes);
        expect(made.length).toBe(scan.unwound.audioBytes);
        const layout = layoutOf(kind);
        framesOf(made).forEach(({ bytes, header }, number) => {
          const frame = packed.frames[number];
          if (frame === undefined) throw new Error('More frames than there were.');
          const { granuleBits, payload, lookahead } = frame;
          expect(header.hasCrc).toBe(false);
          expect(readBitsOf(bytes, 32, layout.beginBits)).toBe(0);
          expect(
            granuleBits.map((_, i) => readBitsOf(bytes, 32 + layout.firstBit + i * layout.granuleSize, 12)),
          ).toEqual(granuleBits);
          const start = (4 + layout.sideBytes) * 8;
          expect(start + payload.length).toBeLessThanOrEqual(bytes.length * 8);
          // Main data, the few bits that decoders look at beyond it, and zeros to the end.
          const expected = [...payload, ...lookahead];
          for (let bit = start; bit < bytes.length * 8; bit += 1) {
            if (bitOf(bytes, bit) !== (expected[bit - start] ?? 0))
              expect.fail(`Bit ${bit} of frame ${number}.`);
          }
        });
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bytes for any cut into chunks, with tags around and between', async () => {
    const frames = Array.from({ length: 150 }, (_, i) => ({
      bitrateKbps: [128, 96, 160][i % 3] ?? 128,
      borrow: ((i * 7) % 11) / 10,
      use: ((i * 13) % 17) / 16,
    }));
    const { bytes: audio } = packReservoir(STEREO, frames);
    const half = framesOf(audio)
      .slice(0, 75)
      .reduce((sum, { bytes }) => sum + bytes.length, 0);
    const bytes = joinBytes([
      makeId3v2(300),
      audio.subarray(0, half),
      makeId3v2(70_000),
      audio.subarray(half),
      makeId3v1(),
    ]);
    const whole = await unwound(bytes);
    expect(framesOf(whole)).toHaveLength(150);
    expect(whole).toEqual(await unwound(audio));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300_000 }), async (chunkBytes) => {
        expect(await unwound(bytes, 0, chunkBytes)).toEqual(whole);
      }),
      { numRuns: 15, examples: [[1], [417], [65_536]] },
    );
  });
});

const largestRoom = (kind: ReservoirKind): number => {
  const largest = listBitratesKbps(kind.sampleRateHz).at(-1) ?? 0;
  return makeFrame({ ...kind, bitrateKbps: largest, isPadded: true }).length - 4 - layoutOf(kind).sideBytes;
};
