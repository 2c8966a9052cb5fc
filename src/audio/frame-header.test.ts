import { describe, expect, it } from 'vitest';
import { encodeFrameHeader, listBitratesKbps, parseFrameHeader } from './frame-header.ts';

const parse = (...bytes: number[]) => parseFrameHeader(Uint8Array.from(bytes), 0);

describe('parseFrameHeader', () => {
  it('reads what ffmpeg and LAME write', () => {
    expect(parse(0xff, 0xfb, 0x90, 0x64)).toEqual({
      version: '1',
      bitrateKbps: 128,
      sampleRateHz: 44_100,
      channelMode: 'joint-stereo',
      channels: 2,
      hasCrc: false,
      samplesPerFrame: 1152,
      frameBytes: 417,
      sideInformationStart: 4,
      sideInformationBytes: 32,
    });
    expect(parse(0xff, 0xf2, 0x84, 0xc0)).toMatchObject({
      version: '2',
      bitrateKbps: 64,
      sampleRateHz: 24_000,
      channelMode: 'mono',
      hasCrc: true,
      samplesPerFrame: 576,
      sideInformationStart: 6,
      sideInformationBytes: 9,
    });
  });

  it.each([
    // floor(144 × bit rate / sample rate), or 72 ×, plus padding
    { rate: 44_100, kbps: 128, padding: 0, frameBytes: 417 },
    { rate: 44_100, kbps: 128, padding: 1, frameBytes: 418 },
    { rate: 44_100, kbps: 320, padding: 0, frameBytes: 1044 },
    { rate: 48_000, kbps: 32, padding: 0, frameBytes: 96 },
    { rate: 32_000, kbps: 320, padding: 1, frameBytes: 1441 },
    { rate: 22_050, kbps: 64, padding: 0, frameBytes: 208 },
    { rate: 24_000, kbps: 8, padding: 0, frameBytes: 24 },
    { rate: 16_000, kbps: 160, padding: 0, frameBytes: 720 },
    { rate: 11_025, kbps: 16, padding: 1, frameBytes: 105 },
    { rate: 8_000, kbps: 160, padding: 1, frameBytes: 1441 },
  ])('a frame of $kbps kbit/s at $rate Hz, padding $padding, has $frameBytes bytes', (row) => {
    const bytes = encodeFrameHeader(row.rate, 2, row.kbps);
    bytes[2] = (bytes[2] ?? 0) | (row.padding << 1);
    expect(parseFrameHeader(bytes, 0)?.frameBytes).toBe(row.frameBytes);
  });

  it.each([
    ['no sync', [0xff, 0xdb, 0x90, 0x64]],
    ['a reserved version', [0xff, 0xeb, 0x90, 0x64]],
    ['layer I', [0xff, 0xff, 0x90, 0x64]],
    ['layer II', [0xff, 0xfd, 0x90, 0x64]],
    ['no layer (ADTS)', [0xff, 0xf1, 0x90, 0x64]],
    ['free format', [0xff, 0xfb, 0x00, 0x64]],
    ['the forbidden bit rate', [0xff, 0xfb, 0xf0, 0x64]],
    ['a reserved sample rate', [0xff, 0xfb, 0x9c, 0x64]],
    ['a reserved emphasis', [0xff, 0xfb, 0x90, 0x66]],
    ['too few bytes', [0xff, 0xfb, 0x90]],
  ])('refuses %s', (_, bytes) => {
    expect(parse(...bytes)).toBeNull();
  });

  it('gives back every header that it encodes', () => {
    for (const sampleRateHz of [44_100, 48_000, 32_000, 22_050, 24_000, 16_000, 11_025, 12_000, 8_000]) {
      for (const channels of [1, 2] as const) {
        for (const bitrateKbps of listBitratesKbps(sampleRateHz)) {
          const header = parseFrameHeader(encodeFrameHeader(sampleRateHz, channels, bitrateKbps), 0);
          expect(header).toMatchObject({ sampleRateHz, channels, bitrateKbps, hasCrc: false });
        }
      }
    }
  });

  it('encodes no rate that layer III lacks', () => {
    expect(() => encodeFrameHeader(96_000, 2, 128)).toThrow(RangeError);
    expect(() => encodeFrameHeader(44_100, 2, 8)).toThrow(RangeError);
  });
});
