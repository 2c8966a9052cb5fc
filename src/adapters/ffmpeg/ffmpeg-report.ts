import type { MediaInfo } from '../../domain/media-tool.ts';

/**
 * What `ffmpeg -i` writes about its input, from the first audio stream on:
 * `Duration: 00:03:25.04, start: 0.025057, bitrate: 128 kb/s`
 * `Stream #0:0[0x1](und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp, 127 kb/s (default)`
 *
 * @returns null when there is no audio stream
 */
export function parseMediaInfo(report: string): MediaInfo | null {
  // What follows describes the output.
  const input = report.split(/^(?:Stream mapping|Output #0)/m)[0] ?? '';
  const stream = /^\s*Stream #0:\d+.*?: Audio: (.+)$/m.exec(input)?.[1];
  const sampleRate = stream === undefined ? undefined : /(\d+) Hz/.exec(stream)?.[1];
  if (stream === undefined || sampleRate === undefined) return null;
  const duration = /^\s*Duration: (\d+):(\d\d):(\d\d)\.(\d\d)/m.exec(input);
  const streamKbps = /, (\d+) kb\/s/.exec(stream)?.[1];
  const containerKbps = /^\s*Duration:.*bitrate: (\d+) kb\/s/m.exec(input)?.[1];
  return {
    format: {
      codec: /^[a-z0-9_]+/.exec(stream)?.[0] ?? 'unknown',
      sampleRateHz: Number(sampleRate),
      channels: channelCount(/ Hz, ([^,]+)/.exec(stream)?.[1] ?? ''),
      bitrateKbps: Number(streamKbps ?? containerKbps ?? 0),
    },
    ...(duration === null ? {} : { durationMs: durationMs(duration.slice(1).map(Number)) }),
  };
}

function durationMs([hours = 0, minutes = 0, seconds = 0, hundredths = 0]: readonly number[]): number {
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10;
}

/** `mono`, `stereo`, `5.1(side)`, `3 channels`, … as ffmpeg names its layouts. */
function channelCount(layout: string): number {
  const named: Readonly<Record<string, number>> = {
    mono: 1,
    stereo: 2,
    downmix: 2,
    quad: 4,
    hexagonal: 6,
    octagonal: 8,
  };
  const name = /^[a-z]+/.exec(layout)?.[0];
  if (name !== undefined && named[name] !== undefined) return named[name];
  const count = /^(\d+) channels/.exec(layout)?.[1];
  if (count !== undefined) return Number(count);
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(layout);
  return parts === null ? 2 : Number(parts[1]) + Number(parts[2]) + Number(parts[3] ?? 0);
}

/** From `ffmpeg -version`: the version, and whether it was built with the MP3 encoder. */
export function parseVersion(output: string): { version: string; encodesMp3: boolean } | null {
  const version = /^ffmpeg version (\S+)/m.exec(output)?.[1];
  return version === undefined ? null : { version, encodesMp3: output.includes('--enable-libmp3lame') };
}
