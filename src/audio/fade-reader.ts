import { throwIfAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import type { ByteRange } from '../domain/object-store.ts';
import { fadeFrames } from './fade.ts';
import type { Fade } from './fade.ts';
import { MAX_FRAME_BYTES } from './frame-header.ts';
import { countFrames, readWindow } from './part-frames.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PlanSegment } from './stream-plan.ts';

const WINDOW_FRAMES = 64;

/**
 * Bytes of a part whose frames fade. Which step a frame takes follows from its number, so it is counted from the start
 * of the segment, whatever the range: at most 20 seconds of audio, which the cache holds.
 *
 * @param range within the segment
 * @throws storage_unavailable when the segment is not made of whole frames
 */
export async function* readFaded(
  segment: Extract<PlanSegment, { kind: 'part' }>,
  fade: Fade,
  range: ByteRange,
  pieces: PieceCache,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { sourceStart } = segment;
  const sourceEnd = sourceStart + (segment.endExclusive - segment.start);
  let { firstFrame } = fade;
  for (let at = 0; at < range.endExclusive;) {
    throwIfAborted(signal);
    const start = sourceStart + at;
    const endExclusive = Math.min(start + WINDOW_FRAMES * MAX_FRAME_BYTES, sourceEnd);
    const window = await readWindow(segment, { start, endExclusive }, pieces, signal);
    const run = countFrames(window, WINDOW_FRAMES);
    if (run.frames === 0) {
      throw new AppError('storage_unavailable', 'A part of the stream does not end with a frame.');
    }
    if (at + run.bytes > range.start) {
      // A copy: what the cache holds is everybody's.
      const frames = window.slice(0, run.bytes);
      fadeFrames(frames, { firstFrame, frameCount: fade.frameCount });
      yield frames.subarray(Math.max(0, range.start - at), Math.min(run.bytes, range.endExclusive - at));
    }
    at += run.bytes;
    firstFrame += run.frames;
  }
}
