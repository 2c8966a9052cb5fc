/** Where frames lie in a part: the byte offset of every 64th frame, counted from the first audio frame. */
export interface FrameIndex {
  readonly frameCount: number;
  readonly audioBytes: number;
  /** `offsets[i]` is where frame `i * FRAMES_PER_ENTRY` begins; `offsets[0]` is 0. */
  readonly offsets: readonly number[];
}

export const FRAMES_PER_ENTRY = 64;
