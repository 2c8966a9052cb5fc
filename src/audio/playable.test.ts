import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../domain/app-error.ts';
import { DEFAULT_PROFILE } from '../domain/media-tool.ts';
import {
  gather,
  inChunks,
  joinBytes,
  makeFrame,
  makeFrames,
  makeId3v1,
  makeId3v2,
} from './fixtures/synthetic-mp3.ts';
import { parseFrameHeader } from './frame-header.ts';
import { scanMp3 } from './mp3-scan.ts';
import type { Mp3Scan } from './mp3-scan.ts';
import { describePlayable, fitsProfile, playableFrames, renderPlayable } from './playable.ts';
import { computeFrameCrc, readGlobalGains } from './side-information.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

async function scanOf(bytes: Uint8Array): Promise<Mp3Scan> {
  const scan = await scanMp3(inChunks(bytes));
  if (scan === null) throw new Error('Not an MP3.');
  return scan;
}

async function render(bytes: Uint8Array, gainSteps = 0, chunkBytes = 65_536): Promise<Uint8Array> {
  const scan = await scanOf(bytes);
  return gather(renderPlayable(inChunks(bytes, chunkBytes), scan, { gainSteps }));
}

/** It borrows, and asks for more than there is. */
const makeGreedyFrame = () => {
  const frame = makeFrame({ sideByte: 2 });
  return frame.fill(0xff, 5, 36);
};

describe('fitsProfile', () => {
  it.each([
    ['CBR of the profile', fixture('sine-cbr128-plain.mp3'), true],
    ['VBR', fixture('noise-vbr-tagged.mp3'), true],
    ['another bit rate, with CRC', fixture('sine-cbr64-crc.mp3'), true],
    ['tags around it', joinBytes([makeId3v2(9), makeFrames(9), makeId3v1()]), true],
    ['garbage at the end', joinBytes([makeFrames(9), new Uint8Array(500)]), true],
    ['another sample rate, mono, the reservoir', fixture('noise-mono22-reservoir.mp3'), false],
    ['mono', makeFrames(9, { channels: 1 }), false],
    ['another sample rate', makeFrames(9, { sampleRateHz: 48_000 }), false],
    ['a change on the way', joinBytes([makeFrames(9), makeFrames(9, { channels: 1 })]), false],
    ['the reservoir', joinBytes([makeFrames(9), makeFrame({ sideByte: 2 })]), true],
    ['the reservoir, damaged', joinBytes([makeFrames(9), makeGreedyFrame()]), false],
    ['garbage inside', joinBytes([makeFrames(9), new Uint8Array(500), makeFrames(9)]), false],
  ])('%s', async (_, bytes, fits) => {
    expect(fitsProfile(await scanOf(bytes), DEFAULT_PROFILE)).toBe(fits);
  });
});

describe('renderPlayable', () => {
  it.each([
    'sine-cbr128-plain.mp3',
    'noise-vbr-tagged.mp3',
    'sine-cbr64-crc.mp3',
    'noise-mono22-reservoir.mp3',
  ])('makes of %s what describePlayable says', async (name) => {
    const bytes = fixture(name);
    const scan = await scanOf(bytes);
    const shape = describePlayable(scan);
    const playable = await render(bytes);
    expect(playable).toHaveLength(shape.sizeBytes);
    expect(shape.audioStartByte + shape.audioBytes).toBe(shape.sizeBytes);
    const again = await scanOf(playable);
    expect(again).toEqual({
      ...scan,
      ...playableFrames(scan),
      usesReservoir: false,
      unwound: null,
      encoderDelaySamples: undefined,
      encoderPaddingSamples: undefined,
      junkBytes: 0,
      span: { ...again.span, startByte: shape.audioStartByte, offsets: playableFrames(scan).index.offsets },
    });
    // What is playable is made into itself.
    expect(await render(playable)).toEqual(playable);
  });

  it('takes the frames as they are, whatever stands around and between them, in chunks of any size', async () => {
    const frames = [makeFrames(200), makeFrames(70, { bitrateKbps: 96 })] as const;
    const bytes = joinBytes([makeId3v2(99), frames[0], new Uint8Array(77), frames[1], makeId3v1()]);
    const { audioStartByte } = describePlayable(await scanOf(bytes));
    for (const chunkBytes of [97, 5000, 1_000_000]) {
      const playable = await render(bytes, 0, chunkBytes);
      expect(playable.subarray(audioStartByte)).toEqual(joinBytes(frames));
    }
  });

  it('keeps its bytes for ever', async () => {
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    expect(hash(await render(fixture('sine-cbr128-plain.mp3')))).toBe('769ea56368aaffd9');
    expect(hash(await render(fixture('noise-vbr-tagged.mp3'), -3))).toBe('cd29741620a9acef');
  });

  it('moves every sounding granule by gainSteps, with a right CRC, and does not touch its source', async () => {
    for (const name of ['sine-cbr128-plain.mp3', 'sine-cbr64-crc.mp3']) {
      const source = fixture(name);
      const plain = await render(source);
      const softer = await render(source, -4);
      expect(source).toEqual(fixture(name));
      expect(softer).toHaveLength(plain.length);
      let moved = 0;
      let at = parseFrameHeader(plain, 0)?.frameBytes ?? 0;
      while (at < plain.length) {
        const header = parseFrameHeader(plain, at);
        if (header === null) throw new Error('No frame.');
        const before = readGlobalGains(plain, at, header);
        const after = readGlobalGains(softer, at, header);
        after.forEach((gain, i) => {
          expect([before[i], (before[i] ?? 0) - 4]).toContain(gain);
          if (gain !== before[i]) moved += 1;
        });
        if (header.hasCrc) {
          const written = ((softer[at + 4] ?? 0) << 8) | (softer[at + 5] ?? 0);
          expect(written).toBe(computeFrameCrc(softer, at, header));
        }
        at += header.frameBytes;
      }
      expect(moved).toBeGreaterThan(30);
      const scan = await scanOf(softer);
      const raised = await gather(renderPlayable(inChunks(softer), scan, { gainSteps: 4 }));
      expect(raised).toEqual(plain);
    }
  });

  it('throws when the source is not the one that was scanned', async () => {
    const scan = await scanOf(makeFrames(50));
    const other = renderPlayable(inChunks(makeFrames(49)), scan, { gainSteps: 0 });
    await expect(gather(other)).rejects.toSatisfy((error) => isAppError(error, 'conflict'));
  });
});
