import { AppError } from '../domain/app-error.ts';

/** Where frames lie in a part: the byte offset of every 64th frame, counted from the first audio frame. */
export interface FrameIndex {
  readonly frameCount: number;
  readonly audioBytes: number;
  /** `offsets[i]` is where frame `i * FRAMES_PER_ENTRY` begins; `offsets[0]` is 0. */
  readonly offsets: readonly number[];
}

export const FRAMES_PER_ENTRY = 64;

/** Gathers an index from the frames' lengths, in order. */
export class FrameIndexBuilder {
  frameCount = 0;
  audioBytes = 0;
  readonly #offsets: number[] = [];

  add(frameBytes: number): void {
    if (this.frameCount % FRAMES_PER_ENTRY === 0) this.#offsets.push(this.audioBytes);
    this.frameCount += 1;
    this.audioBytes += frameBytes;
  }

  build(): FrameIndex {
    return { frameCount: this.frameCount, audioBytes: this.audioBytes, offsets: this.#offsets };
  }
}

/*
 * As stored: "EFI1", the frame count, then the bytes of each run of 64 frames (the last may be shorter); all numbers
 * 32 bits, little-endian. An hour takes about 9 KB.
 */
const MAGIC = 0x31494645;
const HEAD_BYTES = 8;
const ENTRY_BYTES = 4;

export function encodeFrameIndex(index: FrameIndex): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + index.offsets.length * ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, index.frameCount, true);
  index.offsets.forEach((offset, entry) => {
    const next = index.offsets[entry + 1] ?? index.audioBytes;
    view.setUint32(HEAD_BYTES + entry * ENTRY_BYTES, next - offset, true);
  });
  return bytes;
}

/** @throws storage_unavailable when the bytes are no frame index */
export function decodeFrameIndex(bytes: Uint8Array): FrameIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD_BYTES || view.getUint32(0, true) !== MAGIC) throw badIndex();
  const frameCount = view.getUint32(4, true);
  const entryCount = Math.ceil(frameCount / FRAMES_PER_ENTRY);
  if (bytes.length !== HEAD_BYTES + entryCount * ENTRY_BYTES) throw badIndex();
  const offsets: number[] = [];
  let audioBytes = 0;
  for (let entry = 0; entry < entryCount; entry += 1) {
    offsets.push(audioBytes);
    audioBytes += view.getUint32(HEAD_BYTES + entry * ENTRY_BYTES, true);
  }
  return { frameCount, audioBytes, offsets };
}

const badIndex = (): AppError => new AppError('storage_unavailable', 'A stored frame index cannot be read.');
