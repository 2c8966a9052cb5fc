import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { ErrorCode } from '../../domain/app-error.ts';
import type { MeasureOptions, SoundLevel } from '../../domain/media-tool.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';
import type { FfmpegRun, ProcessBounds } from './ffmpeg-process.ts';

export interface MeasureTask {
  readonly command: FfmpegCommand;
  readonly ffmpegArguments: readonly string[];
  readonly bounds: ProcessBounds;
}

export type MeasureAnswer =
  | { readonly kind: 'progress'; readonly doneMs: number }
  | { readonly kind: 'reading'; readonly level: SoundLevel; readonly doneMs: number }
  | {
      readonly kind: 'end';
      readonly run: FfmpegRun;
      readonly level: SoundLevel;
      readonly waveform: Uint8Array;
    }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly message: string };

export interface MeasureRun extends FfmpegRun {
  readonly level: SoundLevel;
  readonly waveform: Uint8Array;
}

/**
 * Runs ffmpeg and meters what it passes to PCM_DESCRIPTOR, both from a thread of their own: hours of sound go through, and
 * whoever listens to this server is not to wait for them.
 * @throws what runFfmpeg throws
 */
export async function measureInThread(
  command: FfmpegCommand,
  ffmpegArguments: readonly string[],
  bounds: ProcessBounds,
  { signal, onProgress, onReading }: MeasureOptions = {},
): Promise<MeasureRun> {
  throwIfAborted(signal);
  const task: MeasureTask = { command, ffmpegArguments, bounds };
  return new Promise<MeasureRun>((resolve, reject) => {
    const thread = new Worker(new URL(`./measure-thread${extname(import.meta.url)}`, import.meta.url), {
      workerData: task,
      env: {},
    });
    // It kills its ffmpeg, and answers that.
    const stop = () => thread.postMessage('stop');
    signal?.addEventListener('abort', stop, { once: true });
    let outcome: () => void = () => reject(new AppError('internal', 'The measure ended without an answer.'));
    thread.on('message', (answer: MeasureAnswer) => {
      if (answer.kind === 'progress') onProgress?.(answer.doneMs);
      else if (answer.kind === 'reading') onReading?.(answer.level, answer.doneMs);
      else if (answer.kind === 'end')
        outcome = () => resolve({ ...answer.run, level: answer.level, waveform: answer.waveform });
      else outcome = () => reject(new AppError(answer.code, answer.message));
    });
    thread.on('error', (cause) => {
      outcome = () => reject(new AppError('internal', 'The measure broke off.', { cause }));
    });
    thread.on('exit', () => {
      signal?.removeEventListener('abort', stop);
      outcome();
    });
  });
}
