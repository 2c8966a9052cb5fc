import { throwIfAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import { epochTracks, positionAtFrame, positionAtMs } from './endless.ts';
import type { Endless, EndlessTrack } from './endless.ts';
import type { FrameIndex } from './frame-index.ts';
import { framesToMs, msToFrame } from './frame-pace.ts';
import { findFrameByte, readFrames } from './part-frames.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PlanPart } from './plan-part.ts';

/** Whole frames, and how long they play. The bytes are shared: never write into them. */
export interface TimedChunk {
  readonly bytes: Uint8Array;
  readonly durationMs: number;
  /** What plays, for whoever announces titles. */
  readonly track: EndlessTrack;
}

export interface EndlessReadOptions {
  /** Rounded down to a frame; default 0. */
  readonly fromMs?: number;
  /** Instead of a time: the frame, counted from the first of epoch 0. */
  readonly fromFrame?: number | undefined;
  /** The reading ends before this frame; default: never. */
  readonly untilFrame?: number | undefined;
  /** So much comes in chunks as long as they can be, up to a piece each; after that they play for up to four seconds. */
  readonly burstMs?: number;
  /** Asked only for a start within a part. */
  readonly loadIndex: (part: PlanPart) => Promise<FrameIndex>;
  readonly signal?: AbortSignal | undefined;
}

/** Each chunk is a write to the listener, and half as many cost half as much. */
const CHUNK_MS = 4000;

/**
 * The audio of an endless stream from a time on, in chunks of whole frames, without end unless one is given. Between chunks nothing is
 * held: each asks the cache anew, so a listener who waits costs no memory.
 *
 * Where it starts is found, and can fail, before the first chunk. @throws what the store and `loadIndex` throw;
 * storage_unavailable when a part is not what its record says; aborted once the signal is
 */
export async function* readEndless(
  endless: Endless,
  pieces: PieceCache,
  options: EndlessReadOptions,
): AsyncGenerator<TimedChunk, void, undefined> {
  const { fromMs = 0, fromFrame, untilFrame = Infinity, burstMs = 0, signal } = options;
  const start = fromFrame === undefined ? positionAtMs(endless, fromMs) : positionAtFrame(endless, fromFrame);
  const frameMs = framesToMs(1, endless.pace);
  const chunkFrames = Math.max(1, Math.floor(CHUNK_MS / frameMs));
  let burstFrames = Math.ceil(burstMs / frameMs);
  let leftFrames = untilFrame - (fromFrame ?? msToFrame(fromMs, endless.pace));
  let { trackIndex, frameInPart: frame } = start;
  // One loop within the other, and no generator for a track: each would be a turn of its own for every chunk.
  for (let epoch = start.epoch; ; epoch += 1) {
    for (const track of epochTracks(endless, epoch).slice(trackIndex)) {
      const { part } = track;
      let at = 0;
      if (frame > 0) at += await findFrameByte(part, await options.loadIndex(part), frame, pieces, signal);
      while (at < part.audioBytes) {
        throwIfAborted(signal);
        if (leftFrames <= 0) return;
        const maxFrames = Math.min(Math.max(chunkFrames, burstFrames), leftFrames);
        const { bytes, frames } = await readFrames(part, at, maxFrames, pieces, signal);
        at += bytes.length;
        frame += frames;
        burstFrames -= frames;
        leftFrames -= frames;
        if (frames === 0 || frame > part.frameCount) throw partMismatch();
        yield { bytes, durationMs: framesToMs(frames, endless.pace), track };
      }
      if (frame !== part.frameCount) throw partMismatch();
      frame = 0;
    }
    trackIndex = 0;
  }
}
const partMismatch = (): AppError =>
  new AppError('storage_unavailable', 'A part of the stream has other frames than its record says.');
