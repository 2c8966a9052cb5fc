import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findPocketsphinx, type FoundPocketsphinx } from '../src/adapters/pocketsphinx/find-pocketsphinx.ts';
import { WAV_HEADER_BYTES, wavHeader } from '../src/domain/wav-header.ts';
import { findProgram } from './programs.ts';

const run = promisify(execFile);

/** A program that hears or speaks. */
export const findEngine = (program: string): string | null => findProgram(program, 'REQUIRE_ENGINES');

/** The pocketsphinx of this machine. */
export const findInstalledPocketsphinx = (): Promise<FoundPocketsphinx> =>
  findPocketsphinx(process.env['PATH'] ?? '');

const SAMPLE_RATE_HZ = 16_000;

/** A WAV of 16-bit integers, 16 kHz, one channel. */
export const wavOf = (pcm: Buffer): Buffer =>
  Buffer.concat([wavHeader({ sampleRateHz: SAMPLE_RATE_HZ }, pcm.length), pcm]);

export const silentPcm = (durationMs: number): Buffer =>
  Buffer.alloc(Math.round((durationMs * SAMPLE_RATE_HZ) / 1000) * 2);

export const durationOfPcm = (pcm: Buffer): number => (pcm.length / 2 / SAMPLE_RATE_HZ) * 1000;

/** Real speech of known words, as a recogniser understands it. @param path of a file that flite may write */
export async function speakPcm(text: string, path: string, voice = 'slt'): Promise<Buffer> {
  await run(findEngine('flite') ?? 'flite', ['-voice', voice, '-t', text, '-o', path]);
  const wav = await readFile(path);
  if (wav.readUInt32LE(24) !== SAMPLE_RATE_HZ) throw new Error(`${voice} does not speak with 16 kHz.`);
  return wav.subarray(WAV_HEADER_BYTES);
}

export interface SpokenPiece {
  readonly path: string;
  readonly durationMs: number;
}

export async function writePiece(path: string, ...pcm: readonly Buffer[]): Promise<SpokenPiece> {
  const all = Buffer.concat(pcm);
  await writeFile(path, wavOf(all));
  return { path, durationMs: durationOfPcm(all) };
}

/** Substitutions, insertions and deletions, by the number of words that were said. */
export function wordErrorRate(said: string, heard: string): number {
  const words = wordsOf(said);
  let row = [...Array(words.length + 1).keys()];
  for (const [at, word] of wordsOf(heard).entries()) {
    const next = [at + 1];
    for (const [column, other] of words.entries()) {
      const replaced = (row[column] ?? 0) + (word === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return (row.at(-1) ?? 0) / words.length;
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
