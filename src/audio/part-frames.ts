import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { HEADER_BYTES, MAX_FRAME_BYTES, parseFrameHeader } from './frame-header.ts';
import { FRAMES_PER_ENTRY } from './frame-index.ts';
import type { FrameIndex } from './frame-index.ts';
import type { ImmutableObject, PieceCache } from './piece-cache.ts';
import type { PlanPart } from './plan-part.ts';

/** A part's object in the store. */
export const objectOf = (part: Pick<PlanPart, 'key' | 'audioStartByte' | 'audioBytes'>): ImmutableObject => ({
  key: part.key,
  sizeBytes: part.audioStartByte + part.audioBytes,
});

/** A small range as one buffer; only where it crosses from one piece to the next are bytes copied. */
export async function readWindow(
  object: ImmutableObject,
  range: ByteRange,
  pieces: PieceCache,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const held = pieces.peek(object, range);
  if (held?.length === range.endExclusive - range.start) return held;
  const chunks: Uint8Array[] = [];
  for await (const chunk of pieces.read(object, range, signal)) chunks.push(chunk);
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const window = new Uint8Array(range.endExclusive - range.start);
  let at = 0;
  for (const chunk of chunks) {
    window.set(chunk, at);
    at += chunk.length;
  }
  return window;
}

/** The first whole frames of a window. */
export interface FrameRun {
  readonly bytes: number;
  readonly frames: number;
}

/**
 * Counts whole frames from the start of `window`, at most `maxFrames`.
 * @throws storage_unavailable when something else than a frame stands where one must
 */
export function countFrames(window: Uint8Array, maxFrames: number): FrameRun {
  let bytes = 0;
  let frames = 0;
  while (frames < maxFrames && bytes < window.length) {
    const header = parseFrameHeader(window, bytes);
    if (header === null) {
      // The window may end within a header, its rest being read next time.
      if (window.length - bytes < HEADER_BYTES) break;
      throw new AppError('storage_unavailable', 'A stored part is not made of frames.');
    }
    if (bytes + header.frameBytes > window.length) break;
    bytes += header.frameBytes;
    frames += 1;
  }
  return { bytes, frames };
}

/**
 * Whole frames of a part from byte `at` of its audio on, at least one: as many of `maxFrames` as lie within one piece,
 * so that nothing is copied but where a frame crosses from one to the next.
 * @throws storage_unavailable when something else stands there
 */
export async function readFrames(
  part: PlanPart,
  at: number,
  maxFrames: number,
  pieces: PieceCache,
  signal?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly frames: number }> {
  const object = objectOf(part);
  const start = part.audioStartByte + at;
  const rangeOf = (lengthBytes: number): ByteRange => ({
    start,
    endExclusive: Math.min(start + lengthBytes, object.sizeBytes),
  });
  // Enough for frames of about the same size: where they are not, fewer come.
  const likelyBytes = Math.ceil((part.audioBytes / part.frameCount) * maxFrames) + MAX_FRAME_BYTES;
  let window = await readFirstPiece(object, rangeOf(likelyBytes), pieces, signal);
  let run = countFrames(window, maxFrames);
  if (run.frames === 0) {
    window = await readWindow(object, rangeOf(MAX_FRAME_BYTES), pieces, signal);
    run = countFrames(window, maxFrames);
  }
  return { bytes: window.subarray(0, run.bytes), frames: run.frames };
}

async function readFirstPiece(
  object: ImmutableObject,
  range: ByteRange,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const held = pieces.peek(object, range);
  if (held !== undefined) return held;
  for await (const chunk of pieces.read(object, range, signal)) return chunk;
  return new Uint8Array(0);
}

/**
 * Where frame `frame` of a part begins, counted from the first byte of its audio; reads at most 64 frames.
 * @throws RangeError for a frame that the part does not have; storage_unavailable when index and part disagree
 */
export async function findFrameByte(
  part: PlanPart,
  index: FrameIndex,
  frame: number,
  pieces: PieceCache,
  signal?: AbortSignal,
): Promise<number> {
  if (frame < 0 || frame >= part.frameCount) throw new RangeError(`A part has no frame ${frame}.`);
  if (index.frameCount !== part.frameCount || index.audioBytes !== part.audioBytes) throw indexMismatch();
  const entry = Math.floor(frame / FRAMES_PER_ENTRY);
  const entryStart = index.offsets[entry] ?? 0;
  const entryEnd = index.offsets[entry + 1] ?? part.audioBytes;
  const framesBefore = frame % FRAMES_PER_ENTRY;
  if (framesBefore === 0) return entryStart;
  const range = { start: part.audioStartByte + entryStart, endExclusive: part.audioStartByte + entryEnd };
  const run = countFrames(await readWindow(objectOf(part), range, pieces, signal), framesBefore);
  if (run.frames !== framesBefore) throw indexMismatch();
  return entryStart + run.bytes;
}

const indexMismatch = (): AppError =>
  new AppError('storage_unavailable', 'The frame index of a part does not belong to it.');
