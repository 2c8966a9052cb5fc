import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What stands on the PATH; where CI says that all must be there, a missing one fails the suite that asks. */
export function findProgram(program: string): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue; // Not in this directory.
    }
  }
  if (process.env['REQUIRE_PLAYERS'] === '1')
    throw new Error(`${program} is required here and is not on the PATH.`);
  process.stderr.write(`${program} is not on the PATH: what needs it is checked in CI only.\n`);
  return null;
}

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
