import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findAnyFfmpeg } from '../../../test/any-ffmpeg.ts';
import { openIngestBench } from '../../../test/ingest-bench.ts';
import type { IngestBench } from '../../../test/ingest-bench.ts';
import { makeToneWav } from '../../../test/made-audio.ts';
import { runFfmpeg } from '../../adapters/ffmpeg/ffmpeg-process.ts';
import { DEFAULT_PROFILE } from '../../domain/media-tool.ts';

const SAMPLE_RATE_HZ = 44_100;
/** A tone is at -16 LUFS or so; below this there is none. */
const SILENT_BELOW = 0.005;

it('leaves at most 60 ms of silence where two parts join', { timeout: 60_000 }, async () => {
  const bench = await openIngestBench();
  // Lengths that leave the last frame nearly empty, nearly full, and between.
  const wavs = [2 * SAMPLE_RATE_HZ, 77 * 1152, 77 * 1152 + 1, 77 * 1152 + 600].map((samples) =>
    makeToneWav({ seconds: samples / SAMPLE_RATE_HZ, amplitude: 0.1, frequencyHz: 1000 }),
  );
  const source = join(bench.tempDir, 'in.wav');
  const encoded = join(bench.tempDir, 'fits.mp3');
  await writeFile(source, wavs[0] ?? new Uint8Array(0));
  await bench.ports.mediaTool.encode(source, encoded, { profile: DEFAULT_PROFILE, gainDb: 0, limit: false });
  const frames: Uint8Array[] = [];
  // The last one is taken in without being encoded again, the others are limited or not.
  for (const [index, content] of [...wavs, await readFile(encoded)].entries()) {
    frames.push(await takeInFrames(bench, content, `part-${index}.mp3`));
  }
  const samples = await decode(bench, Buffer.concat(frames));
  const gapsMs = silentRuns(samples).map((length) => (length * 1000) / SAMPLE_RATE_HZ);
  expect(gapsMs).toHaveLength(frames.length - 1);
  expect(Math.max(...gapsMs)).toBeLessThan(60);
  await bench.close();
});

async function takeInFrames(bench: IngestBench, content: Uint8Array, filename: string): Promise<Uint8Array> {
  await bench.run(await bench.upload(content, { filename, original_filename: filename }));
  const part = (await bench.ports.audioFiles.find('default', filename))?.part;
  if (part === undefined) throw new Error(`${filename} is not ready`);
  const range = { start: part.audioStartByte, endExclusive: part.sizeBytes };
  return bench.ports.objects.readRange(part.key, range);
}

/** The left channel. */
async function decode(bench: IngestBench, mp3: Uint8Array): Promise<Int16Array> {
  const [input, output] = [join(bench.tempDir, 'joined.mp3'), join(bench.tempDir, 'joined.s16')];
  await writeFile(input, mp3);
  const bounds = { workingDirectory: bench.tempDir, maxMs: 60_000, stallMs: 60_000 };
  await runFfmpeg(
    await findAnyFfmpeg(),
    ['-y', '-i', `file:${input}`, '-af', 'pan=mono|c0=c0', '-f', 's16le', `file:${output}`],
    bounds,
  );
  const pcm = await readFile(output);
  return new Int16Array(pcm.buffer, pcm.byteOffset, Math.floor(pcm.length / 2));
}

/** Lengths in samples of the silences between sounds that last longer than 5 ms. */
function silentRuns(samples: Int16Array): number[] {
  const runs: number[] = [];
  let lastSoundAt: number | null = null;
  for (const [at, sample] of samples.entries()) {
    if (Math.abs(sample) / 32_768 < SILENT_BELOW) continue;
    if (lastSoundAt !== null && at - lastSoundAt > SAMPLE_RATE_HZ / 200) runs.push(at - lastSoundAt);
    lastSoundAt = at;
  }
  return runs;
}
