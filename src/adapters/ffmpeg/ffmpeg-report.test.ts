import { describe, expect, it } from 'vitest';
import { parseMediaInfo, parseVersion } from './ffmpeg-report.ts';

const input = (stream: string) => `Input #0, x, from 'file:in':
  Duration: 01:02:03.45, start: 0.025057, bitrate: 131 kb/s
  Stream #0:0: Video: png, rgb24(pc), 320x240, 90k tbr, 90k tbn (attached pic)
  Stream #0:1[0x1](und): Audio: ${stream}
Stream mapping:
  Stream #0:1 -> #0:0 (x -> pcm_s16le (native))
Output #0, null, to 'pipe:':
  Stream #0:0: Audio: pcm_s16le, 48000 Hz, stereo, s16, 1536 kb/s
`;

describe('parseMediaInfo', () => {
  it.each([
    ['aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 127 kb/s (default)', ['aac', 44_100, 2, 127]],
    ['opus, 48000 Hz, mono, fltp', ['opus', 48_000, 1, 131]],
    ['ac3, 48000 Hz, 5.1(side), fltp, 448 kb/s', ['ac3', 48_000, 6, 448]],
    ['flac, 96000 Hz, 3 channels (FL+FR+LFE), s32 (24 bit)', ['flac', 96_000, 3, 131]],
  ])('%s', (stream, [codec, sampleRateHz, channels, bitrateKbps]) => {
    const format = { codec, sampleRateHz, channels, bitrateKbps };
    expect(parseMediaInfo(input(stream))).toEqual({ format, durationMs: 3_723_450 });
  });

  it('finds none in what has no audio, nor in what is written', () => {
    expect(parseMediaInfo(input('').replace(/.*Audio: \n/, ''))).toBeNull();
    expect(parseMediaInfo('file:in: Invalid data found when processing input')).toBeNull();
  });

  it('has no duration where the container tells none', () => {
    const report = input('mp3, 44100 Hz, stereo, fltp, 128 kb/s').replace('01:02:03.45', 'N/A');
    expect(parseMediaInfo(report)).not.toHaveProperty('durationMs');
  });
});

it('parseVersion', () => {
  const configuration = 'configuration: --enable-gpl --enable-libmp3lame';
  const output = `ffmpeg version n7.1-static Copyright (c)\nbuilt with gcc\n${configuration}\n`;
  expect(parseVersion(output)).toEqual({ version: 'n7.1-static', encodesMp3: true });
  expect(parseVersion('sh: ffmpeg: not found')).toBeNull();
});
