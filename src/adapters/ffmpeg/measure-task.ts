import type { ErrorCode } from '../../domain/app-error.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';
import type { FfmpegRun, ProcessBounds } from './ffmpeg-process.ts';

/** Of each stretch of 100 ms: energy, highest sample, highest sample of the mix. */
export const READING_NUMBERS = 3;

/** A run of ffmpeg that passes sound to PCM_DESCRIPTOR. */
export interface MeasureTask {
  readonly command: FfmpegCommand;
  readonly ffmpegArguments: readonly string[];
  readonly bounds: ProcessBounds;
}

/** What the thread is told: a task, when it has none, or to stop the one that it has. */
export type MeasureOrder = MeasureTask | 'stop';

/** What comes after the last whole stretch. */
export interface SoundRest {
  readonly moments: number;
  readonly peak: number;
  readonly mixPeak: number;
}

/** What the thread answers: an `end` or a `failure` is the last of a task. */
export type MeasureAnswer =
  | { readonly kind: 'progress'; readonly doneMs: number }
  | { readonly kind: 'readings'; readonly readings: Float64Array }
  | { readonly kind: 'end'; readonly run: FfmpegRun; readonly rest: SoundRest }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly message: string };
