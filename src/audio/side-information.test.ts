import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { putBits } from './fixtures/reservoir-mp3.ts';
import { makeFrame } from './fixtures/synthetic-mp3.ts';
import { parseFrameHeader } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';
import {
  computeFrameCrc,
  mainDataBegin,
  mainDataBits,
  mainDataRoom,
  moveGlobalGain,
  readGlobalGains,
} from './side-information.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

function headerOf(bytes: Uint8Array, at = 0): FrameHeader {
  const header = parseFrameHeader(bytes, at);
  if (header === null) throw new Error(`No frame at ${at}.`);
  return header;
}

function* framesOf(bytes: Uint8Array): Generator<{ at: number; header: FrameHeader }> {
  for (let at = 0; at < bytes.length;) {
    const header = headerOf(bytes, at);
    yield { at, header };
    at += header.frameBytes;
  }
}

describe('side information', () => {
  it.each([
    { name: 'MPEG-1 stereo', rate: 44_100, channels: 2 as const, begin: 9, first: 20, size: 59, count: 4 },
    { name: 'MPEG-1 mono', rate: 44_100, channels: 1 as const, begin: 9, first: 18, size: 59, count: 2 },
    { name: 'MPEG-2 stereo', rate: 22_050, channels: 2 as const, begin: 8, first: 10, size: 63, count: 2 },
    { name: 'MPEG-2.5 mono', rate: 8_000, channels: 1 as const, begin: 8, first: 9, size: 63, count: 1 },
  ])('finds the fields of $name', ({ rate, channels, begin, first, size, count }) => {
    const frame = makeFrame({ sampleRateHz: rate, channels, bitrateKbps: 64 });
    const header = headerOf(frame);
    putBits(frame, 32, begin, 173);
    const gains = Array.from({ length: count }, (_, i) => 100 + i * 31);
    gains.forEach((gain, i) => {
      putBits(frame, 32 + first + i * size, 12, 801 + i);
      putBits(frame, 32 + first + i * size + 21, 8, gain);
    });
    const before = frame.slice();

    expect(mainDataBegin(frame, 0, header)).toBe(173);
    expect(readGlobalGains(frame, 0, header)).toEqual(gains);
    const bits = Array.from({ length: count }, (_, i) => 801 + i).reduce((sum, each) => sum + each, 0);
    expect(mainDataBits(frame, 0, header)).toBe(bits);
    expect(first + size * count).toBe(header.sideInformationBytes * 8);

    moveGlobalGain(frame, 0, header, -7);
    expect(readGlobalGains(frame, 0, header)).toEqual(gains.map((gain) => gain - 7));
    moveGlobalGain(frame, 0, header, 7);
    expect(frame).toEqual(before);
  });

  it('keeps the gain within 0 and 255, and leaves silent granules alone', () => {
    const frame = makeFrame();
    const header = headerOf(frame);
    [10, 250, 100].forEach((gain, i) => {
      putBits(frame, 52 + i * 59, 12, 1);
      putBits(frame, 52 + i * 59 + 21, 8, gain);
    });
    putBits(frame, 52 + 3 * 59 + 21, 8, 77);
    moveGlobalGain(frame, 0, header, -20);
    expect(readGlobalGains(frame, 0, header)).toEqual([0, 230, 80, 77]);
    moveGlobalGain(frame, 0, header, 60);
    expect(readGlobalGains(frame, 0, header)).toEqual([60, 255, 140, 77]);
  });

  it('reads real frames: nothing borrowed without the reservoir, never more data than there is room', () => {
    for (const name of ['sine-cbr128-plain.mp3', 'sine-cbr64-crc.mp3']) {
      const bytes = fixture(name);
      for (const { at, header } of framesOf(bytes)) {
        expect(mainDataBegin(bytes, at, header)).toBe(0);
        expect(mainDataBits(bytes, at, header)).toBeLessThanOrEqual(mainDataRoom(header) * 8);
      }
    }
  });

  it('computes the CRC that LAME wrote, and writes it anew when the gain moves', () => {
    const bytes = fixture('sine-cbr64-crc.mp3');
    const written = (at: number) => ((bytes[at + 4] ?? 0) << 8) | (bytes[at + 5] ?? 0);
    let changed = 0;
    for (const { at, header } of framesOf(bytes)) {
      const before = written(at);
      expect(header.hasCrc).toBe(true);
      expect(computeFrameCrc(bytes, at, header)).toBe(before);
      moveGlobalGain(bytes, at, header, -4);
      expect(written(at)).toBe(computeFrameCrc(bytes, at, header));
      if (written(at) !== before) changed += 1;
    }
    expect(changed).toBeGreaterThan(10);
  });
});
