import { layoutOf, readBitsOf } from '../../src/audio/fixtures/reservoir-mp3.ts';
import { listBitratesKbps, parseFrameHeader } from '../../src/audio/frame-header.ts';
import type { FrameHeader } from '../../src/audio/frame-header.ts';
import { computeFrameCrc } from '../../src/audio/side-information.ts';

/*
 * What ISO/IEC 11172-3, 2.4.2 and 2.4.3 (and 13818-3 for the lower sample rates) lay down for a layer III bitstream,
 * as far as it can be seen without decoding the Huffman codes, and that each frame stands on its own.
 */

/** 2.4.2.7: pairs of values; 576 in all. */
const BIG_VALUES_MAX = 288;
/** Annex B, table B.7: there are no such tables. */
const TABLES_NOT_USED: readonly number[] = [4, 14];
const SHORT_BLOCKS = 2;

interface Granule {
  readonly part23Bits: number;
  readonly bigValues: number;
  readonly switchesWindows: boolean;
  readonly blockType: number;
  readonly tables: readonly number[];
}

/** Every rule that some frame of the audio breaks, and where; empty when all is well. */
export function listBreaches(audio: Uint8Array): string[] {
  const breaches: string[] = [];
  let first: FrameHeader | null = null;
  let number = 0;
  for (let at = 0; at < audio.length; number += 1) {
    const header = parseFrameHeader(audio, at);
    if (header === null) return [...breaches, `frame ${number}: no legal header at byte ${at}`];
    first ??= header;
    const frame = audio.subarray(at, at + header.frameBytes);
    for (const breach of breachesOf(frame, header, first)) breaches.push(`frame ${number}: ${breach}`);
    at += header.frameBytes;
  }
  return breaches;
}

function breachesOf(frame: Uint8Array, header: FrameHeader, first: FrameHeader): string[] {
  const slots = Math.floor((header.samplesPerFrame * header.bitrateKbps * 125) / header.sampleRateHz);
  const padding = ((frame[2] ?? 0) >> 1) & 1;
  const layout = layoutOf(header);
  const sideBit = (header.hasCrc ? 6 : 4) * 8;
  const room = frame.length - sideBit / 8 - layout.sideBytes;
  const granules = readGranules(frame, header);
  const part23Bits = granules.reduce((sum, granule) => sum + granule.part23Bits, 0);
  const writtenCrc = ((frame[4] ?? 0) << 8) | (frame[5] ?? 0);
  const rules: readonly (readonly [kept: boolean, breach: string])[] = [
    [header.sampleRateHz === first.sampleRateHz && header.version === first.version, 'another kind of audio'],
    [
      listBitratesKbps(header.sampleRateHz).includes(header.bitrateKbps),
      'a bit rate that its version has not',
    ],
    [frame.length === slots + padding, `${frame.length} bytes, of which its header says ${slots + padding}`],
    [readBitsOf(frame, sideBit, layout.beginBits) === 0, 'main_data_begin is not 0'],
    [part23Bits <= room * 8, `part2_3_length of ${part23Bits} bits in ${room} bytes`],
    [granules.every(({ bigValues }) => bigValues <= BIG_VALUES_MAX), 'big_values above 288'],
    [
      granules.every((granule) => !granule.switchesWindows || granule.blockType !== 0),
      'block_type is reserved',
    ],
    [
      granules.every(({ tables }) => !tables.some((table) => TABLES_NOT_USED.includes(table))),
      'a Huffman table that does not exist',
    ],
    [keepsScfsi(frame, header, granules), 'scfsi with short blocks'],
    [!header.hasCrc || writtenCrc === computeFrameCrc(frame, 0, header), 'a wrong CRC'],
  ];
  return rules.filter(([kept]) => !kept).map(([, breach]) => breach);
}

function readGranules(frame: Uint8Array, header: FrameHeader): Granule[] {
  const layout = layoutOf(header);
  const switchingBit = header.version === '1' ? 33 : 38;
  return Array.from({ length: layout.granuleCount }, (_, granule) => {
    const start = (header.hasCrc ? 6 : 4) * 8 + layout.firstBit + granule * layout.granuleSize;
    const switchesWindows = readBitsOf(frame, start + switchingBit, 1) === 1;
    const tablesBit = start + switchingBit + (switchesWindows ? 4 : 1);
    return {
      part23Bits: readBitsOf(frame, start, 12),
      bigValues: readBitsOf(frame, start + 12, 9),
      switchesWindows,
      blockType: switchesWindows ? readBitsOf(frame, start + switchingBit + 1, 2) : 0,
      tables: Array.from({ length: switchesWindows ? 2 : 3 }, (__, i) =>
        readBitsOf(frame, tablesBit + i * 5, 5),
      ),
    };
  });
}

/** 2.4.2.7: with short blocks in one of the granules, the second shares no scale factors with the first. */
function keepsScfsi(frame: Uint8Array, header: FrameHeader, granules: readonly Granule[]): boolean {
  if (header.version !== '1') return true;
  const scfsiBits = header.channels * 4;
  const start = (header.hasCrc ? 6 : 4) * 8 + layoutOf(header).firstBit - scfsiBits;
  return Array.from({ length: header.channels }, (_, channel) => {
    const hasShort = granules.some(
      ({ blockType }, i) => i % header.channels === channel && blockType === SHORT_BLOCKS,
    );
    return !hasShort || readBitsOf(frame, start + channel * 4, 4) === 0;
  }).every((kept) => kept);
}
