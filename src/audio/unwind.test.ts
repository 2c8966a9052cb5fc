import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { packReservoir, putBits, readBitsOf } from './fixtures/reservoir-mp3.ts';
import type { ReservoirFrame, ReservoirKind } from './fixtures/reservoir-mp3.ts';
import { gather, inChunks, joinBytes, makeFrames } from './fixtures/synthetic-mp3.ts';
import { framesOf, scanOf, unwound } from './fixtures/unwound.ts';
import { makeInfoFrame } from './info-frame.ts';
import { describePlayable, playableFrames, renderPlayable } from './playable.ts';

const STEREO: ReservoirKind = { sampleRateHz: 44_100, channels: 2 };

const shapes = (bytes: Uint8Array) =>
  framesOf(bytes).map(({ header }) => [header.bitrateKbps, header.frameBytes]);

describe('unwinding, in exact numbers', () => {
  // 128 kbit/s at 44.1 kHz in stereo: 417 bytes, 4 of them header and 32 side information, so 381 of room.
  const frame = (borrow: number, use: number): ReservoirFrame => ({ bitrateKbps: 128, borrow, use });

  it('moves main data into the smallest frame that holds it', async () => {
    const { bytes, frames } = packReservoir(STEREO, [
      frame(0, 0.25),
      frame(1, 1),
      frame(0, 0),
      frame(1, 0.5),
    ]);
    expect(frames.map(({ borrowedBytes }) => borrowedBytes)).toEqual([0, 285, 0, 381]);
    expect(frames.map(({ payload }) => payload.length)).toEqual([762, 5328, 0, 3048]);
    const scan = await scanOf(bytes);
    // 96 bytes, 666, none and 381, and up to 9 bits of what follows, which the second has not. Rooms are 68 bytes at
    // 32 kbit/s, 94 at 40, 120 at 48, 381 at 128, 486 at 160, 590 at 192, 695 at 224.
    expect(shapes(await unwound(bytes))).toEqual([
      [48, 156],
      [224, 731],
      [32, 104],
      [160, 522],
    ]);
    expect(scan).toMatchObject({ usesReservoir: true, audioBytes: 4 * 417, bitrateKbps: 128 });
    expect(playableFrames(scan)).toEqual({
      frameCount: 4,
      audioBytes: 156 + 731 + 104 + 522,
      constantBitrate: false,
      bitrateKbps: 116,
      minBitrateKbps: 32,
      maxBitrateKbps: 224,
      index: { frameCount: 4, audioBytes: 1513, offsets: [0] },
    });
  });

  it('takes the byte of padding where that is enough, 9 bits of what follows included', async () => {
    for (const [bytes, shape] of [
      [379, [128, 417]],
      [380, [128, 418]],
      [381, [160, 522]],
    ] as const) {
      const source = packReservoir(STEREO, [frame(0, 0.5), frame(1, 1)]).bytes;
      // Of the second frame: one granule that asks for so much.
      for (let granule = 0; granule < 4; granule += 1)
        putBits(source, (417 + 4) * 8 + 20 + granule * 59, 12, 0);
      putBits(source, (417 + 4) * 8 + 20, 12, bytes * 8);
      expect(shapes(await unwound(source))[1]).toEqual(shape);
    }
  });

  it('keeps mode, extension, marks and private bits; leaves out the CRC; zeros what it does not use', async () => {
    const { bytes } = packReservoir(STEREO, [
      { ...frame(0, 0.3), hasCrc: true },
      { ...frame(1, 0.7), hasCrc: true },
    ]);
    bytes[3] = 0b0110_1101;
    bytes[2] = (bytes[2] ?? 0) | 1;
    putBits(bytes, 6 * 8 + 9, 3, 0b101);
    const [first] = framesOf(await unwound(bytes));
    expect(first?.header).toMatchObject({ hasCrc: false, channelMode: 'joint-stereo' });
    expect(first?.bytes[3]).toBe(0b0110_1101);
    expect((first?.bytes[2] ?? 0) & 1).toBe(1);
    expect(readBitsOf(first?.bytes ?? new Uint8Array(0), 4 * 8, 12)).toBe(0b101);
    const payloadBytes = Math.ceil(((417 - 38) * 8 * 0.3 + 9) / 8);
    expect(first?.bytes.subarray(36 + payloadBytes).every((byte) => byte === 0)).toBe(true);
  });

  it('goes up to the highest bit rate and its padding, and not beyond', async () => {
    // 320 kbit/s: 1,044 bytes, 1,008 of room, 1,009 with padding.
    const first: ReservoirFrame = { bitrateKbps: 320, borrow: 0, use: 0.9 };
    const ask = async (bytes: number) => {
      const source = packReservoir(STEREO, [first, { ...first, borrow: 1, use: 0 }]).bytes;
      for (let granule = 0; granule < 4; granule += 1)
        putBits(source, (1044 + 4) * 8 + 20 + granule * 59, 12, (bytes * 8) / 4);
      const scan = await scanOf(source);
      return scan.unwound?.index.audioBytes ?? null;
    };
    const firstBytes = 1044;
    expect(await ask(1006)).toBe(firstBytes + 1044);
    expect(await ask(1007)).toBe(firstBytes + 1045);
    // Without what follows.
    expect(await ask(1008)).toBe(firstBytes + 1044);
    expect(await ask(1009)).toBe(firstBytes + 1045);
    expect(await ask(1010)).toBeNull();
  });

  it('throws when asked to render what cannot be unwound', async () => {
    const full: ReservoirFrame = { bitrateKbps: 320, borrow: 1, use: 1 };
    const scan = await scanOf(packReservoir(STEREO, [{ ...full, use: 0.5 }, full]).bytes);
    expect(scan).toMatchObject({ usesReservoir: true, unwound: null, damagedFrameCount: 0 });
    expect(() => describePlayable(scan)).toThrow(RangeError);
    await expect(gather(renderPlayable(inChunks(makeFrames(2)), scan, { gainSteps: 0 }))).rejects.toThrow(
      RangeError,
    );
  });

  it('moves the level of sounding granules on the way', async () => {
    const { bytes } = packReservoir(STEREO, [frame(0, 0.3), frame(1, 0.9), frame(0, 0)]);
    for (let at = 0; at < 3; at += 1)
      for (let granule = 0; granule < 4; granule += 1)
        putBits(bytes, (at * 417 + 4) * 8 + 20 + granule * 59 + 21, 8, 200);
    const gains = framesOf(await unwound(bytes, -6)).map((each) => readBitsOf(each.bytes, 32 + 20 + 21, 8));
    expect(gains).toEqual([194, 194, 200]);
  });
});

describe('what is not whole', () => {
  const frames = Array.from({ length: 40 }, (_, i) => ({
    bitrateKbps: 64,
    borrow: 1,
    use: i % 5 === 0 ? 0.2 : 0.8,
  }));
  const packed = packReservoir(STEREO, frames);
  const FRAME_BYTES = 208;
  const infoFrame = makeInfoFrame({
    ...STEREO,
    bitrateKbps: 128,
    constantBitrate: true,
    frameCount: 40,
    audioBytes: 40 * FRAME_BYTES,
    byteOfFrame: () => 0,
  });

  it('frames whose reservoir was cut off become silence, and all others are as they were', async () => {
    const whole = framesOf(await unwound(packed.bytes));
    for (const lead of [new Uint8Array(0), infoFrame]) {
      const cut = joinBytes([lead, packed.bytes.subarray(7 * FRAME_BYTES)]);
      const scan = await scanOf(cut);
      expect(scan).toMatchObject({ frameCount: 33, damagedFrameCount: 0, resyncCount: 0 });
      expect(scan.orphanFrameCount).toBeGreaterThan(0);
      expect(scan.orphanFrameCount).toBeLessThan(5);
      const made = framesOf(await unwound(cut));
      expect(made).toHaveLength(33);
      const { orphanFrameCount } = scan;
      for (const { bytes } of made.slice(0, orphanFrameCount)) {
        expect(bytes).toHaveLength(104);
        expect(bytes.subarray(4).every((byte) => byte === 0)).toBe(true);
      }
      expect(made.slice(orphanFrameCount).map(({ bytes }) => bytes)).toEqual(
        whole.slice(7 + orphanFrameCount).map(({ bytes }) => bytes),
      );
    }
  });

  it('a last frame that was cut short is left out', async () => {
    const cut = packed.bytes.subarray(0, packed.bytes.length - 9);
    const made = await unwound(cut);
    expect(framesOf(made)).toHaveLength(39);
    expect(made).toEqual((await unwound(packed.bytes)).subarray(0, made.length));
  });

  it.each([
    [
      'frames are missing in the middle',
      joinBytes([packed.bytes.subarray(0, 2080), packed.bytes.subarray(2288)]),
    ],
    [
      'the reservoir lies before an Info frame',
      joinBytes([packed.bytes.subarray(0, 2288), infoFrame, packed.bytes.subarray(2288)]),
    ],
    ['a frame asks for more than there is', withBits(packed.bytes, 20 * FRAME_BYTES * 8 + 32 + 20, 12, 4095)],
    [
      'a frame says what it may not: big_values above 288',
      withBits(packed.bytes, 20 * FRAME_BYTES * 8 + 32 + 32, 9, 289),
    ],
    [
      'a frame switches windows to the reserved type',
      withBits(packed.bytes, 20 * FRAME_BYTES * 8 + 32 + 53, 3, 0b100),
    ],
  ])('is not unwound where %s', async (_, bytes) => {
    const scan = await scanOf(bytes);
    expect(scan.damagedFrameCount).toBeGreaterThan(0);
    expect(scan).toMatchObject({ usesReservoir: true, unwound: null, resyncCount: 0 });
  });

  it('throws when the source is not the one that was scanned', async () => {
    const scan = await scanOf(packed.bytes);
    const others = [
      packed.bytes.subarray(0, 39 * FRAME_BYTES),
      packReservoir(
        STEREO,
        frames.map((frame) => ({ ...frame, use: frame.use / 2 })),
      ).bytes,
      withBits(packed.bytes, 20 * FRAME_BYTES * 8 + 32 + 20, 12, 4095),
    ];
    for (const other of others) {
      await expect(gather(renderPlayable(inChunks(other), scan, { gainSteps: 0 }))).rejects.toSatisfy(
        (error) => isAppError(error, 'conflict'),
      );
    }
  });

  function withBits(bytes: Uint8Array, startBit: number, bits: number, value: number): Uint8Array {
    const changed = bytes.slice();
    putBits(changed, startBit, bits, value);
    return changed;
  }
});
