import { createReadStream, createWriteStream } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { throwIfAborted } from '../../domain/abort.ts';
import { RUN_IN_CYCLES } from './encode-sections.ts';
import type { EncodeSection, FrameCycle } from './encode-sections.ts';

/** The MP3 of a section: frames of constant bit rate and nothing else, none of which needs another. */
export interface SectionFile {
  readonly path: string;
  readonly section: Pick<EncodeSection, 'startCycle'>;
}

/**
 * Joins the MP3s of sections in the file of the first. Where two overlap, both must have made the same of the last cycle
 * of the run-in, byte for byte: from its end on the later one goes on. A decoder hears no seam there, since what it keeps
 * from one frame for the next is the same on both sides.
 * @returns false when some do not agree; then the files are as they were
 */
export async function joinSections(
  files: readonly SectionFile[],
  cycle: FrameCycle,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [first, ...others] = files;
  if (first === undefined) return false;
  const joints = others.map(({ section }) => section.startCycle + RUN_IN_CYCLES);
  for (const [index, joint] of joints.entries()) {
    if (!(await agreeBefore(joint, files.slice(index, index + 2), cycle))) return false;
  }
  await truncate(first.path, byteOf(first, joints[0], cycle));
  for (const [index, file] of others.entries()) {
    const endExclusive = byteOf(file, joints[index + 1], cycle);
    const start = byteOf(file, joints[index], cycle);
    const frames = createReadStream(file.path, { start, end: endExclusive - 1 });
    await pipeline(frames, createWriteStream(first.path, { flags: 'a' }), { signal }).catch(
      (error: unknown) => {
        throwIfAborted(signal);
        throw error;
      },
    );
  }
  return true;
}

/** Where a cycle of the sound begins in the file of a section; past all of it for none. */
function byteOf({ section }: SectionFile, soundCycle = Infinity, { bytes }: FrameCycle): number {
  return (soundCycle - section.startCycle) * bytes;
}

async function agreeBefore(
  joint: number,
  files: readonly SectionFile[],
  cycle: FrameCycle,
): Promise<boolean> {
  const [one, other] = await Promise.all(
    files.map(({ path, section }) =>
      readAt(path, (joint - 1 - section.startCycle) * cycle.bytes, cycle.bytes),
    ),
  );
  if (one === undefined || other === undefined) return false;
  return one.length === cycle.bytes && isFrameStart(one) && one.equals(other);
}

async function readAt(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Eleven bits of sync. */
const isFrameStart = (bytes: Buffer): boolean => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe0) === 0xe0;
