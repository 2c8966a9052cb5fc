import { throwIfAborted } from '../domain/abort.ts';
import { AppError } from '../domain/app-error.ts';
import { epochTracks, positionAtMs } from './endless.ts';
import type { Endless, EndlessTrack } from './endless.ts';
import { MAX_FRAME_BYTES } from './frame-header.ts';
import type { FrameIndex } from './frame-index.ts';
import { framesToMs } from './frame-pace.ts';
import { countFrames, findFrameByte, objectOf, readWindow } from './part-frames.ts';
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
  /** Asked only for a start within a part. */
  readonly loadIndex: (part: PlanPart) => Promise<FrameIndex>;
  readonly signal?: AbortSignal | undefined;
}

/** A chunk plays for at most this long. */
const CHUNK_MS = 1000;

/**
 * The audio of an endless stream from a time on, in chunks of up to a second, without end. Between chunks nothing is
 * held: each asks the cache anew, so a listener who waits costs no memory.
 *
 * Where it starts is found, and can fail, before the first chunk. @throws what the store and `loadIndex` throw;
 * storage_unavailable when a part is not what its record says; aborted once the signal is
 */
export async function* readEndless(
  endless: Endless,
  pieces: PieceCache,
  options: EndlessReadOptions,
): AsyncGenerator<TimedChunk, never, undefined> {
  const { signal } = options;
  const start = positionAtMs(endless, options.fromMs ?? 0);
  const chunkFrames = Math.max(1, Math.floor(CHUNK_MS / framesToMs(1, endless.pace)));
  let { trackIndex, frameInPart: frame } = start;
  // One loop within the other, and no generator for a track: each would be a turn of its own for every chunk.
  for (let epoch = start.epoch; ; epoch += 1) {
    for (const track of epochTracks(endless, epoch).slice(trackIndex)) {
      const { part } = track;
      const object = objectOf(part);
      let at = part.audioStartByte;
      if (frame > 0) at += await findFrameByte(part, await options.loadIndex(part), frame, pieces, signal);
      while (at < object.sizeBytes) {
        throwIfAborted(signal);
        const endExclusive = Math.min(at + windowBytes(part, chunkFrames), object.sizeBytes);
        const window = await readWindow(object, { start: at, endExclusive }, pieces, signal);
        const run = countFrames(window, chunkFrames);
        at += run.bytes;
        frame += run.frames;
        if (run.frames === 0 || frame > part.frameCount) throw partMismatch();
        yield {
          bytes: window.subarray(0, run.bytes),
          durationMs: framesToMs(run.frames, endless.pace),
          track,
        };
      }
      if (frame !== part.frameCount) throw partMismatch();
      frame = 0;
    }
    trackIndex = 0;
  }
}

/** Holds a frame of any size, and as many as are asked for where they are of about the same: a chunk may be shorter. */
const windowBytes = (part: PlanPart, frames: number): number =>
  Math.ceil((part.audioBytes / part.frameCount) * frames) + MAX_FRAME_BYTES;

const partMismatch = (): AppError =>
  new AppError('storage_unavailable', 'A part of the stream has other frames than its record says.');
