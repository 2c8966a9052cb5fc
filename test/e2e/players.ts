import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findProgram } from '../programs.ts';

const run = promisify(execFile);

export const players = {
  ffmpeg: findProgram('ffmpeg'),
  mpg123: findProgram('mpg123'),
  curl: findProgram('curl'),
};

export interface Decoded {
  /** What the decoder complained about; empty when all is well. */
  readonly warnings: string;
  readonly seconds: number;
}

/** Decodes the whole file with ffmpeg, warnings on; its length is that of the PCM. */
export async function decodeWithFfmpeg(path: string): Promise<Decoded> {
  const { stdout, stderr } = await runFfmpeg(path);
  return { warnings: stderr.toString(), seconds: stdout.length / 2 / 44_100 };
}

/** The whole file as samples of 16 bits at 44.1 kHz, its channels mixed into one. */
export async function decodeToSamples(path: string): Promise<Int16Array> {
  const { stdout } = await runFfmpeg(path);
  const bytes = new Uint8Array(stdout);
  return new Int16Array(bytes.buffer, 0, Math.floor(bytes.length / 2));
}

const runFfmpeg = (path: string) =>
  run(
    players.ffmpeg ?? 'ffmpeg',
    ['-nostdin', '-v', 'warning', '-i', path, '-f', 's16le', '-ac', '1', '-ar', '44100', '-'],
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );

/** An MP3 as other programs make them that fits as it is: 44.1 kHz, stereo, 128 kbit/s, without a bit reservoir. */
export async function encodeFittingMp3(source: string, target: string): Promise<void> {
  const profile = ['-ar', '44100', '-ac', '2', '-c:a', 'libmp3lame', '-b:a', '128k', '-reservoir', '0'];
  await run(players.ffmpeg ?? 'ffmpeg', ['-nostdin', '-v', 'error', '-i', source, ...profile, target]);
}

/** `mpg123 -t`: decodes all without playing; what it prints beyond its banner is a warning. */
export async function decodeWithMpg123(path: string): Promise<{ warnings: string }> {
  const { stdout, stderr } = await run(players.mpg123 ?? 'mpg123', ['-q', '-t', path], {
    maxBuffer: 1 << 26,
  });
  return { warnings: `${stdout}${stderr}` };
}
