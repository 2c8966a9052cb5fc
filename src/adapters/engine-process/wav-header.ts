import { open } from 'node:fs/promises';
import { AppError } from '../../domain/app-error.ts';

/** Where the samples of a WAV are. */
export interface WavSamples {
  readonly startByte: number;
  /** As many as the file has, where the header promises more. */
  readonly sizeBytes: number;
}

const SAMPLE_RATE_HZ = 16_000;
const HEAD_BYTES = 4096;
const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Looks whether it is a WAV as domain/speech-to-text.ts has it: programs take anything else for samples as well.
 * @throws unsupported_media
 */
export async function readWavHeader(path: string): Promise<WavSamples> {
  await using file = await open(path);
  const { size } = await file.stat();
  const head = Buffer.alloc(Math.min(HEAD_BYTES, size));
  await file.read(head, 0, head.length, 0);
  const samples = samplesAfter(head, size);
  if (samples === null) {
    throw new AppError('unsupported_media', 'The piece is no WAV of 16 kHz, one channel and 16 bits.');
  }
  return samples;
}

/** RIFF: chunks of four letters, a size and that many bytes, padded to an even number. */
function samplesAfter(head: Buffer, fileBytes: number): WavSamples | null {
  if (head.length < 12 || head.toString('latin1', 0, 4) !== 'RIFF') return null;
  if (head.toString('latin1', 8, 12) !== 'WAVE') return null;
  let isFormatRight = false;
  for (let at = 12; at + 8 <= head.length;) {
    const id = head.toString('latin1', at, at + 4);
    const sizeBytes = head.readUInt32LE(at + 4);
    const startByte = at + 8;
    if (id === 'fmt ') {
      if (startByte + 16 > head.length) return null;
      isFormatRight =
        [PCM, EXTENSIBLE].includes(head.readUInt16LE(startByte)) &&
        head.readUInt16LE(startByte + 2) === 1 &&
        head.readUInt32LE(startByte + 4) === SAMPLE_RATE_HZ &&
        head.readUInt16LE(startByte + 14) === 16;
    }
    if (id === 'data') {
      return isFormatRight ? { startByte, sizeBytes: Math.min(sizeBytes, fileBytes - startByte) } : null;
    }
    at = startByte + sizeBytes + (sizeBytes % 2);
  }
  return null;
}
