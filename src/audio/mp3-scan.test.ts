import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ascii,
  inChunks,
  joinBytes,
  makeApe,
  makeFrame,
  makeFrames,
  makeId3v1,
  makeId3v2,
  repeated,
} from './fixtures/synthetic-mp3.ts';
import { makeInfoFrame } from './info-frame.ts';
import { scanMp3 } from './mp3-scan.ts';

const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url)));

const scan = (...parts: Uint8Array[]) => scanMp3(inChunks(joinBytes(parts)));

const infoFrame = makeInfoFrame({
  sampleRateHz: 44_100,
  channels: 2,
  bitrateKbps: 128,
  constantBitrate: true,
  frameCount: 5,
  audioBytes: 5 * 417,
  byteOfFrame: () => 0,
});

const vbri = (() => {
  const frame = makeFrame();
  frame.set(ascii('VBRI'), 36);
  return frame;
})();

const lyrics = (body: string) => ascii(`LYRICSBEGIN${body}000042LYRICS200`);

describe('the span of frames', () => {
  const frames = makeFrames(5);

  it.each<readonly [string, Uint8Array[], number]>([
    ['alone', [frames], 0],
    ['between tags', [makeId3v2(1000), frames, makeId3v1()], 1010],
    ['after an Info frame that counts them', [infoFrame, frames], infoFrame.length],
  ])('begins where the first of them does: %s', async (_what, parts, startByte) => {
    expect((await scan(...parts))?.span).toMatchObject({ startByte, decodedSamples: 5 * 1152 });
  });

  it('begins there whatever the size of the chunks', async () => {
    const file = joinBytes([makeId3v2(70_000), ...Array<Uint8Array>(50).fill(frames)]);
    for (const chunkBytes of [100, 4096, 65_536, 200_000]) {
      expect((await scanMp3(inChunks(file, chunkBytes)))?.span).toMatchObject({ startByte: 70_010 });
    }
  });

  it.each<readonly [string, Uint8Array[]]>([
    ['a tag in between', [frames, makeId3v2(100), frames]],
    ['garbage in front', [new Uint8Array(100).fill(7), frames]],
    ['an Info frame in between', [frames, infoFrame, frames]],
    ['an Info frame that counts others', [infoFrame, frames, frames]],
    ['an Info frame that counts nothing', [vbri, frames]],
  ])('is not there with %s', async (_what, parts) => {
    expect(await scan(...parts)).toMatchObject({ span: null });
  });
});

describe('scanMp3 on real files', () => {
  it('a bare CBR file', async () => {
    expect(await scan(fixture('sine-cbr128-plain.mp3'))).toEqual({
      version: '1',
      sampleRateHz: 44_100,
      channels: 2,
      channelMode: 'joint-stereo',
      samplesPerFrame: 1152,
      uniform: true,
      frameCount: 21,
      audioBytes: 8777,
      constantBitrate: true,
      bitrateKbps: 128,
      minBitrateKbps: 128,
      maxBitrateKbps: 128,
      usesReservoir: false,
      unwound: null,
      orphanFrameCount: 0,
      damagedFrameCount: 0,
      resyncCount: 0,
      junkBytes: 0,
      index: { frameCount: 21, audioBytes: 8777, offsets: [0] },
      span: {
        sampleRateHz: 44_100,
        samplesPerFrame: 1152,
        startByte: 0,
        offsets: [0],
        framesPerOffset: 64,
        droppedSamples: 0,
        decodedSamples: 21 * 1152,
      },
    });
  });

  it('a VBR file with ID3v2, a Xing frame with a LAME extension, and ID3v1', async () => {
    expect(await scan(fixture('noise-vbr-tagged.mp3'))).toMatchObject({
      frameCount: 40,
      audioBytes: 8318,
      constantBitrate: false,
      bitrateKbps: 64,
      minBitrateKbps: 32,
      maxBitrateKbps: 224,
      usesReservoir: false,
      junkBytes: 0,
      encoderDelaySamples: 576,
      encoderPaddingSamples: 1404,
      // As ffmpeg decodes it: delay and padding, each moved by the 529 samples that a decoder is late by.
      span: { droppedSamples: 1105, decodedSamples: 40 * 1152 - 1105 - (1404 - 529) },
    });
  });

  it('MPEG-2 in mono with the reservoir in use', async () => {
    expect(await scan(fixture('noise-mono22-reservoir.mp3'))).toMatchObject({
      version: '2',
      sampleRateHz: 22_050,
      channels: 1,
      channelMode: 'mono',
      samplesPerFrame: 576,
      frameCount: 41,
      usesReservoir: true,
      damagedFrameCount: 0,
    });
  });

  it('gives the same for any cut into chunks', async () => {
    const bytes = joinBytes([
      makeId3v2(300),
      fixture('noise-vbr-tagged.mp3').subarray(0, 6000),
      new Uint8Array(100).fill(0xff),
      makeFrames(300),
      makeApe(50),
      makeId3v1(),
    ]);
    const whole = await scanMp3(inChunks(bytes, bytes.length));
    expect(whole?.resyncCount).toBe(1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70_000 }), async (chunkBytes) => {
        expect(await scanMp3(inChunks(bytes, chunkBytes))).toEqual(whole);
      }),
      { numRuns: 40, examples: [[1], [4096], [65_536]] },
    );
  });
});

describe('scanMp3 leaves out what is not audio', () => {
  it.each([
    ['ID3v2', [makeId3v2(1000)], []],
    ['ID3v2 longer than a batch', [makeId3v2(300_000)], []],
    ['ID3v2 with a footer', [makeId3v2(1000, 1000, true)], []],
    ['ID3v2 after ID3v2', [makeId3v2(1000), makeId3v2(0), makeId3v2(77)], []],
    ['APEv2 in front', [makeApe(200)], []],
    ['an Info frame', [infoFrame], []],
    ['a VBRI frame', [makeId3v2(20), vbri], []],
    ['ID3v1', [], [makeId3v1()]],
    ['APEv2 and ID3v1', [], [makeApe(5000), makeId3v1()]],
    ['Lyrics3 and ID3v1', [], [lyrics('words of Love'.repeat(700)), makeId3v1()]],
    ['everything', [makeId3v2(9), makeApe(9), infoFrame], [makeApe(9), lyrics('L'), makeId3v1()]],
  ])('%s', async (_, before, after) => {
    const result = await scan(...before, makeFrames(100), ...after);
    expect(result).toMatchObject({ frameCount: 100, audioBytes: 41_700, junkBytes: 0, resyncCount: 0 });
    expect(result?.index.offsets).toEqual([0, 64 * 417]);
  });

  it('tags and Info frames where files were joined as they were', async () => {
    const one = [makeId3v2(50), infoFrame, makeFrames(10), makeId3v1()];
    const result = await scan(...one, ...one, ...one);
    expect(result).toMatchObject({ frameCount: 30, junkBytes: 0, resyncCount: 0, uniform: true });
  });

  it('a last frame that was cut short, also before an ID3v1 tag that would fill it up', async () => {
    const cut = makeFrame().subarray(0, 300);
    expect(await scan(makeFrames(10), cut)).toMatchObject({ frameCount: 10, junkBytes: 300, resyncCount: 0 });
    expect(await scan(makeFrames(10), cut, makeId3v1())).toMatchObject({ frameCount: 10, junkBytes: 300 });
  });

  it('garbage between frames, which is counted', async () => {
    const garbage = ascii('<html>not audio \u00ff</html>'.repeat(40));
    const result = await scan(makeFrames(10), garbage, makeFrames(10), new Uint8Array(999), makeFrames(10));
    expect(result).toMatchObject({ frameCount: 30, resyncCount: 2, junkBytes: garbage.length + 999 });
  });

  it('a sync word in garbage whose successors do not agree', async () => {
    const lures = joinBytes([makeFrame().subarray(0, 200), makeFrame({ bitrateKbps: 64 }).subarray(0, 100)]);
    expect(await scan(lures, makeFrames(10))).toMatchObject({
      frameCount: 10,
      junkBytes: 300,
      resyncCount: 0,
    });
  });
});

describe('scanMp3 tells', () => {
  it('a change of sample rate or channels', async () => {
    expect(await scan(makeFrames(9), makeFrames(9))).toMatchObject({ uniform: true });
    const other = makeFrames(9, { sampleRateHz: 48_000 });
    expect(await scan(makeFrames(9), other)).toMatchObject({
      uniform: false,
      frameCount: 18,
      resyncCount: 0,
    });
    expect(await scan(makeFrames(9), makeFrames(9, { channels: 1 }))).toMatchObject({ uniform: false });
  });

  it('frames that borrow from those before, and frames that ask for more than there is', async () => {
    expect(await scan(makeFrames(5), makeFrame({ sideByte: 1 }))).toMatchObject({ usesReservoir: true });
    const greedy = makeFrame();
    greedy.fill(0xff, 6, 36);
    expect(await scan(makeFrames(5), greedy)).toMatchObject({ usesReservoir: false, damagedFrameCount: 1 });
  });

  it('a single frame from something that only looks like one', async () => {
    expect(await scan(makeFrame())).toMatchObject({ frameCount: 1 });
    expect(await scan(makeId3v2(5), makeFrame(), makeId3v1())).toMatchObject({ frameCount: 1 });
    expect(await scan(makeFrame(), new Uint8Array(500))).toBeNull();
  });
});

describe('scanMp3 on what is no MP3', () => {
  const padded = (text: string) => joinBytes([ascii(text), new Uint8Array(200_000).fill(0x55)]);

  it.each([
    ['nothing', new Uint8Array(0)],
    ['one byte', Uint8Array.of(0xff)],
    ['text', padded('hello')],
    ['zeros', new Uint8Array(300_000)],
    ['ones', new Uint8Array(300_000).fill(0xff)],
    ['a WAV', padded('RIFF\u0000\u0000\u0000\u0000WAVEfmt ')],
    ['only a tag', makeId3v2(5000)],
    ['a tag that claims more than there is', joinBytes([makeId3v2(50, 200_000_000), makeFrames(50)])],
    [
      'sync words without frames',
      joinBytes(Array.from({ length: 50_000 }, () => makeFrame().subarray(0, 4))),
    ],
    [
      'free format',
      joinBytes(Array.from({ length: 500 }, () => Uint8Array.of(0xff, 0xfb, 0, 0x64, 1, 2, 3))),
    ],
    ['an unfinished Lyrics3 block', joinBytes([ascii('LYRICSBEGIN'), new Uint8Array(200_000).fill(0x4c)])],
  ])('%s', async (_, bytes) => {
    expect(await scanMp3(inChunks(bytes))).toBeNull();
  });

  it('stops reading soon, and closes the source', async () => {
    let readBytes = 0;
    let isClosed = false;
    async function* endless() {
      try {
        for (;;) {
          readBytes += 65_536;
          yield new Uint8Array(65_536).fill(0xff);
        }
      } finally {
        isClosed = true;
      }
    }
    expect(await scanMp3(endless())).toBeNull();
    expect(isClosed).toBe(true);
    expect(readBytes).toBeLessThan(1_000_000);
  });

  it('gives up on garbage after a few frames too', async () => {
    async function* source() {
      yield makeFrames(50);
      yield* repeated(new Uint8Array(65_536).fill(0xff), 1_000_000_000);
    }
    expect(await scanMp3(source())).toBeNull();
  });
});
