import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { FfmpegCommand } from '../../src/adapters/ffmpeg/ffmpeg-command.ts';

const run = promisify(execFile);

export interface Pcm {
  readonly samples: Float32Array;
  /** What the decoder complained about. */
  readonly complaints: string;
}

export interface Decoder {
  readonly name: string;
  /** All samples of all frames: nothing is trimmed, whatever the file says about encoder delay. */
  readonly decode: (path: string) => Promise<Pcm>;
}

/** Every check that ffmpeg has, and an error for what it would pass over otherwise. */
const STRICT = ['-err_detect', 'crccheck+bitstream+buffer+explode'];

/** Said of an MP3 without an Info frame, as sources may be. */
const NO_COMPLAINT = /Estimating duration from bitrate|Aborted\(\)/;

/** Each run has its own. */
const ADDRESS = / @ 0x[0-9a-f]+/g;

export const ffmpegDecoder = (command: FfmpegCommand): Decoder => ({
  name: `ffmpeg (${command.kind})`,
  decode: async (path) => {
    const output = `${path}.ffmpeg.f32`;
    const decode = ['-nostdin', '-y', '-hide_banner', '-v', 'warning', ...STRICT, '-flags2', '+skip_manual'];
    const { stderr } = await run(
      command.executable,
      [
        ...command.leadingArguments,
        ...decode,
        '-f',
        'mp3',
        '-i',
        `file:${path}`,
        '-f',
        'f32le',
        `file:${output}`,
      ],
      { maxBuffer: 1 << 26 },
    );
    const complaints = stderr.split('\n').filter((line) => line !== '' && !NO_COMPLAINT.test(line));
    return { samples: await takeSamples(output), complaints: complaints.join('\n').replaceAll(ADDRESS, '') };
  },
});

export const mpg123Decoder = (executable: string): Decoder => ({
  name: 'mpg123',
  decode: async (path) => {
    const output = `${path}.mpg123.f32`;
    const decode = ['-q', '--no-gapless', '-e', 'f32', '-O', output, path];
    const { stderr } = await run(executable, decode, { maxBuffer: 1 << 26 });
    return { samples: await takeSamples(output), complaints: stderr.trim() };
  },
});

async function takeSamples(path: string): Promise<Float32Array> {
  const bytes = new Uint8Array(await readFile(path));
  await rm(path);
  return new Float32Array(bytes.buffer, 0, bytes.length / 4);
}

/** As ISO/IEC 11172-4, 2.6 compares a decoder with the reference: full scale is 1. */
export interface Difference {
  readonly sampleCounts: readonly [one: number, other: number];
  readonly greatest: number;
  readonly rms: number;
}

export function differenceOf(one: Float32Array, other: Float32Array): Difference {
  let greatest = 0;
  let squares = 0;
  one.forEach((sample, i) => {
    const difference = Math.abs(sample - (other[i] ?? Infinity));
    greatest = Math.max(greatest, difference);
    squares += difference * difference;
  });
  return {
    sampleCounts: [one.length, other.length],
    greatest,
    rms: Math.sqrt(squares / Math.max(1, one.length)),
  };
}
