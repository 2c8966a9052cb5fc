import type { FrameHeader } from './frame-header.ts';

/*
 * Side information of layer III, bit by bit. ISO/IEC 11172-3, 2.4.1.7 (MPEG-1) and 13818-3, 2.4.1.7 (MPEG-2, which
 * 2.5 follows).
 *
 *                        MPEG-1            MPEG-2
 *                      mono  stereo      mono  stereo
 *   main_data_begin      9     9           8     8
 *   private_bits         5     3           1     2
 *   scfsi                4     8           -     -
 *   granules             2     2           1     1      each with every channel in turn:
 *     part2_3_length    12                12
 *     big_values         9                 9
 *     global_gain        8                 8
 *     scalefac_compress  4                 9
 *     window switching   1                 1
 *     block_type         2                 2         where windows are switched; else part of the first table_select
 *     the rest          23                22
 */
const PART2_3_LENGTH_BITS = 12;
const BIG_VALUES_START_BIT = 12;
const BIG_VALUES_BITS = 9;
/** Pairs of values; a granule has 576. */
const BIG_VALUES_MAX = 288;
const GLOBAL_GAIN_START_BIT = 21;
const GLOBAL_GAIN_MAX = 255;
/** window_switching_flag and block_type together: switched, and to the type that is reserved. */
const SWITCHED_TO_RESERVED = 0b100;

interface Layout {
  readonly mainDataBeginBits: number;
  readonly firstGranuleBit: number;
  readonly granuleBits: number;
  /** Granules times channels. */
  readonly granuleCount: number;
  /** Of window_switching_flag in a granule. */
  readonly windowSwitchingBit: number;
}

const LAYOUTS: Readonly<Record<'1' | '2', Readonly<Record<1 | 2, Layout>>>> = {
  '1': {
    1: {
      mainDataBeginBits: 9,
      firstGranuleBit: 18,
      granuleBits: 59,
      granuleCount: 2,
      windowSwitchingBit: 33,
    },
    2: {
      mainDataBeginBits: 9,
      firstGranuleBit: 20,
      granuleBits: 59,
      granuleCount: 4,
      windowSwitchingBit: 33,
    },
  },
  '2': {
    1: { mainDataBeginBits: 8, firstGranuleBit: 9, granuleBits: 63, granuleCount: 1, windowSwitchingBit: 38 },
    2: {
      mainDataBeginBits: 8,
      firstGranuleBit: 10,
      granuleBits: 63,
      granuleCount: 2,
      windowSwitchingBit: 38,
    },
  },
};

const layoutOf = (header: FrameHeader): Layout =>
  LAYOUTS[header.version === '1' ? '1' : '2'][header.channels];

/** Up to 12 bits, most significant first. Bits past the end count as 0. */
function readBits(bytes: Uint8Array, startBit: number, bits: number): number {
  const at = startBit >> 3;
  const window = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (window >> (24 - (startBit & 7) - bits)) & ((1 << bits) - 1);
}

function writeByteAtBit(bytes: Uint8Array, startBit: number, value: number): void {
  const at = startBit >> 3;
  const shift = 8 - (startBit & 7);
  const mask = 0xff << shift;
  const pair = (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) & ~mask;
  const written = pair | (value << shift);
  bytes[at] = written >> 8;
  bytes[at + 1] = written & 0xff;
}

/** How many bytes before this frame its main data begins: 0 when the frame stands on its own. */
export function mainDataBegin(bytes: Uint8Array, frameStart: number, header: FrameHeader): number {
  const startBit = (frameStart + header.sideInformationStart) * 8;
  return readBits(bytes, startBit, layoutOf(header).mainDataBeginBits);
}

/** Makes the frame's main data begin in the frame itself. A CRC is left as it is. */
export function clearMainDataBegin(bytes: Uint8Array, frameStart: number, header: FrameHeader): void {
  const at = frameStart + header.sideInformationStart;
  bytes[at] = 0;
  if (layoutOf(header).mainDataBeginBits > 8) bytes[at + 1] = (bytes[at + 1] ?? 0) & 0x7f;
}

/** Bits of main data that the frame's granules ask for: part2_3_length of all. */
export function mainDataBits(bytes: Uint8Array, frameStart: number, header: FrameHeader): number {
  const layout = layoutOf(header);
  const startBit = (frameStart + header.sideInformationStart) * 8 + layout.firstGranuleBit;
  let bits = 0;
  for (let granule = 0; granule < layout.granuleCount; granule += 1) {
    bits += readBits(bytes, startBit + granule * layout.granuleBits, PART2_3_LENGTH_BITS);
  }
  return bits;
}

/** Whether a granule says what no granule may: decoders drop the whole frame, and with it what it holds for others. */
export function hasForbiddenGranule(bytes: Uint8Array, frameStart: number, header: FrameHeader): boolean {
  const layout = layoutOf(header);
  const startBit = (frameStart + header.sideInformationStart) * 8 + layout.firstGranuleBit;
  for (let granule = 0; granule < layout.granuleCount; granule += 1) {
    const granuleBit = startBit + granule * layout.granuleBits;
    if (readBits(bytes, granuleBit + BIG_VALUES_START_BIT, BIG_VALUES_BITS) > BIG_VALUES_MAX) return true;
    if (readBits(bytes, granuleBit + layout.windowSwitchingBit, 3) === SWITCHED_TO_RESERVED) return true;
  }
  return false;
}

/** Bytes that a frame has for main data of its own. */
export const mainDataRoom = (header: FrameHeader): number =>
  header.frameBytes - header.sideInformationStart - header.sideInformationBytes;

/** `global_gain` of each granule and channel, in the order in which they are stored. */
export function readGlobalGains(bytes: Uint8Array, frameStart: number, header: FrameHeader): number[] {
  const layout = layoutOf(header);
  const startBit = (frameStart + header.sideInformationStart) * 8 + layout.firstGranuleBit;
  return Array.from({ length: layout.granuleCount }, (_, granule) =>
    readBits(bytes, startBit + granule * layout.granuleBits + GLOBAL_GAIN_START_BIT, 8),
  );
}

/**
 * Moves the level of a frame by `steps` of 1.5 dB, in place: `global_gain` of every granule and channel, kept within 0
 * to 255, and the CRC where there is one. Granules without data are silent and stay as they are.
 */
export function moveGlobalGain(
  bytes: Uint8Array,
  frameStart: number,
  header: FrameHeader,
  steps: number,
): void {
  const layout = layoutOf(header);
  const startBit = (frameStart + header.sideInformationStart) * 8 + layout.firstGranuleBit;
  for (let granule = 0; granule < layout.granuleCount; granule += 1) {
    const granuleBit = startBit + granule * layout.granuleBits;
    if (readBits(bytes, granuleBit, PART2_3_LENGTH_BITS) === 0) continue;
    const gainBit = granuleBit + GLOBAL_GAIN_START_BIT;
    const gain = readBits(bytes, gainBit, 8) + steps;
    writeByteAtBit(bytes, gainBit, Math.max(0, Math.min(GLOBAL_GAIN_MAX, gain)));
  }
  if (header.hasCrc) writeFrameCrc(bytes, frameStart, header);
}

/** CRC-16 of a frame: polynomial 0x8005 from 0xffff over the last two header bytes and the side information, the CRC
 * itself left out (ISO/IEC 11172-3, 2.4.3.1). */
export function computeFrameCrc(bytes: Uint8Array, frameStart: number, header: FrameHeader): number {
  const sideStart = frameStart + header.sideInformationStart;
  const headerCrc = extendCrc16(0xffff, bytes, frameStart + 2, frameStart + 4);
  return extendCrc16(headerCrc, bytes, sideStart, sideStart + header.sideInformationBytes);
}

function writeFrameCrc(bytes: Uint8Array, frameStart: number, header: FrameHeader): void {
  const crc = computeFrameCrc(bytes, frameStart, header);
  bytes[frameStart + 4] = crc >> 8;
  bytes[frameStart + 5] = crc & 0xff;
}

/** What each value of the register's upper byte adds. */
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, upper) => {
  let register = upper << 8;
  for (let bit = 0; bit < 8; bit += 1) {
    register = (register & 0x8000) !== 0 ? (register << 1) ^ 0x8005 : register << 1;
  }
  return register;
});

function extendCrc16(crc: number, bytes: Uint8Array, start: number, endExclusive: number): number {
  let register = crc;
  for (let at = start; at < endExclusive; at += 1) {
    const upper = (register >> 8) ^ (bytes[at] ?? 0);
    register = ((register << 8) & 0xffff) ^ (CRC_TABLE[upper] ?? 0);
  }
  return register;
}
