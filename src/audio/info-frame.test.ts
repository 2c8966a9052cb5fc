import { describe, expect, it } from 'vitest';
import { inChunks } from './fixtures/synthetic-mp3.ts';
import { parseFrameHeader } from './frame-header.ts';
import { readInfoFrame } from './info-frame-reader.ts';
import { infoFrameBytes, makeInfoFrame } from './info-frame.ts';
import type { InfoFrameContent } from './info-frame.ts';
import { scanMp3 } from './mp3-scan.ts';

const content: InfoFrameContent = {
  sampleRateHz: 44_100,
  channels: 2,
  bitrateKbps: 128,
  constantBitrate: true,
  frameCount: 1000,
  audioBytes: 417_959,
  byteOfFrame: (frame) => Math.floor(frame * 417.959),
};

const text = (bytes: Uint8Array, at: number) => Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
const uint32 = (bytes: Uint8Array, at: number) => Buffer.from(bytes).readUInt32BE(at);

describe('makeInfoFrame', () => {
  it('lays out frames, bytes, positions and quality behind the side information', () => {
    const frame = makeInfoFrame(content);
    expect(parseFrameHeader(frame, 0)).toMatchObject({ bitrateKbps: 128, frameBytes: 417, channels: 2 });
    expect(frame.length).toBe(417);
    expect(frame.subarray(4, 36).every((byte) => byte === 0)).toBe(true);
    expect(text(frame, 36)).toBe('Info');
    expect(uint32(frame, 40)).toBe(15);
    expect(uint32(frame, 44)).toBe(1000);
    expect(uint32(frame, 48)).toBe(417_959 + 417);
    const toc = [...frame.subarray(52, 152)];
    expect(toc).toEqual(toc.toSorted((a, b) => a - b));
    expect([toc[0], toc[25], toc[50], toc[99]]).toEqual([0, 64, 128, 253]);
    // No encoder's name, no delay, no padding: nothing may be trimmed.
    expect(frame.subarray(152).every((byte) => byte === 0)).toBe(true);
  });

  it('says Xing when bit rates mix', () => {
    expect(text(makeInfoFrame({ ...content, constantBitrate: false }), 36)).toBe('Xing');
  });

  it('puts the tag where each kind of side information ends', () => {
    const mono = { ...content, channels: 1 as const };
    expect(text(makeInfoFrame(mono), 21)).toBe('Info');
    expect(text(makeInfoFrame({ ...content, sampleRateHz: 22_050, bitrateKbps: 64 }), 21)).toBe('Info');
    expect(text(makeInfoFrame({ ...mono, sampleRateHz: 22_050, bitrateKbps: 64 }), 13)).toBe('Info');
  });

  it.each([
    [44_100, 2, 128, 417],
    [44_100, 2, 137, 522],
    [44_100, 2, 32, 208],
    [44_100, 1, 32, 182],
    [48_000, 2, 32, 192],
    [22_050, 1, 8, 182],
  ] as const)('at %d Hz, %d channels, %d kbit/s has %d bytes', (sampleRateHz, channels, kbps, bytes) => {
    const kind = { sampleRateHz, channels, bitrateKbps: kbps };
    expect(infoFrameBytes(kind)).toBe(bytes);
    expect(makeInfoFrame({ ...content, ...kind })).toHaveLength(bytes);
  });

  it('leaves out bytes and positions above 4 GiB', () => {
    const largest = 0xffff_ffff - 417;
    expect(uint32(makeInfoFrame({ ...content, audioBytes: largest }), 48)).toBe(0xffff_ffff);
    const frame = makeInfoFrame({ ...content, audioBytes: largest + 1 });
    expect(uint32(frame, 40)).toBe(1 | 8);
    expect(uint32(frame, 44)).toBe(1000);
    expect(frame.subarray(48).every((byte) => byte === 0)).toBe(true);
  });

  it('is known again, and is no audio', async () => {
    const frame = makeInfoFrame(content);
    const header = parseFrameHeader(frame, 0);
    expect(header && readInfoFrame(frame, 0, header)).toEqual({ frameCount: 1000 });
    expect(await scanMp3(inChunks(frame))).toBeNull();
  });
});
