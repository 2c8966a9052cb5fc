import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { abortedError, throwIfAborted } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { MediaToolOptions } from '../../domain/media-tool.ts';
import { BoundedText } from './bounded-text.ts';
import { openByteChannel } from './byte-channel.ts';
import { PCM_DESCRIPTOR, PROGRESS_DESCRIPTOR } from './ffmpeg-command.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';

export interface ProcessBounds {
  /** Where the process works; it is given no environment but a locale. */
  readonly workingDirectory: string;
  /** Killed when it takes longer than this in all, … */
  readonly maxMs: number;
  /** … or when the audio done has not moved on for this long. */
  readonly stallMs: number;
}

export interface FfmpegRunOptions extends MediaToolOptions {
  /** Given what the process writes to standard output, cut anywhere; the chunks are not to be kept. */
  readonly onPcm?: ((bytes: Uint8Array) => void) | undefined;
  /** Given all that the process reports, cut anywhere. */
  readonly onReport?: ((text: string) => void) | undefined;
}

export interface FfmpegRun {
  /** The exit code; null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard output, unless that was sound. */
  readonly output: string;
  /** The beginning and the end of what it reported on stderr. For the log and for parsing, never for a client. */
  readonly report: string;
  /** Audio that went through it, in milliseconds; 0 when there was none. */
  readonly doneMs: number;
}

const OUTPUT_CHARACTERS = 16_384;
const REPORT_CHARACTERS = 65_536;
const PROGRESS_INTERVAL_MS = 1000;

/**
 * Runs ffmpeg to its end. With `-progress` on PROGRESS_DESCRIPTOR among the arguments, its progress is told.
 * @throws aborted; tool_unavailable when it cannot be started or does not get on
 */
export async function runFfmpeg(
  command: FfmpegCommand,
  ffmpegArguments: readonly string[],
  bounds: ProcessBounds,
  options: FfmpegRunOptions = {},
): Promise<FfmpegRun> {
  const { onPcm, signal } = options;
  throwIfAborted(signal);
  const channel = onPcm === undefined ? null : await openByteChannel(bounds.workingDirectory, onPcm);
  if (channel === null) return start(command, ffmpegArguments, bounds, options, 'pipe');
  try {
    throwIfAborted(signal);
    const run = await start(command, ffmpegArguments, bounds, options, channel.childEnd);
    await channel.closed;
    return run;
  } finally {
    channel.destroy();
  }
}

/** @param standardOutput one that was opened for it is closed here, once ffmpeg has it */
function start(
  command: FfmpegCommand,
  ffmpegArguments: readonly string[],
  bounds: ProcessBounds,
  { signal, onProgress, onPcm, onReport }: FfmpegRunOptions,
  standardOutput: 'pipe' | Socket,
): Promise<FfmpegRun> {
  return new Promise<FfmpegRun>((resolve, reject) => {
    const child = spawn(command.executable, [...command.leadingArguments, ...ffmpegArguments], {
      cwd: bounds.workingDirectory,
      env: { LC_ALL: 'C' },
      stdio: ['ignore', standardOutput, 'pipe', 'pipe'],
      windowsHide: true,
    });
    if (typeof standardOutput === 'object') standardOutput.destroy();
    const output = new BoundedText(OUTPUT_CHARACTERS);
    const told = new BoundedText(OUTPUT_CHARACTERS);
    const report = new BoundedText(REPORT_CHARACTERS);
    let failure: AppError | undefined;
    let doneMs = 0;
    let reportedAtMs = 0;

    // SIGKILL: a decoder that was led astray by its input is not asked to end.
    const kill = (reason: AppError) => {
      failure ??= reason;
      child.kill('SIGKILL');
    };
    const onAbort = () => {
      if (signal !== undefined) kill(abortedError(signal));
    };
    const onTimeout = () =>
      kill(new AppError('tool_unavailable', 'ffmpeg did not get on with this file in time.'));
    const deadline = setTimeout(onTimeout, bounds.maxMs);
    const stall = setTimeout(onTimeout, bounds.stallMs);
    signal?.addEventListener('abort', onAbort, { once: true });

    const settle = () => {
      clearTimeout(deadline);
      clearTimeout(stall);
      signal?.removeEventListener('abort', onAbort);
    };
    child.on('error', (cause) => {
      settle();
      reject(new AppError('tool_unavailable', 'ffmpeg could not be started.', { cause }));
    });
    // Where no file descriptors are left, there are no streams, whatever their types say; the error is on its way.
    if ((child.stdio as unknown) === undefined) return;
    const {
      [PCM_DESCRIPTOR]: stdout,
      2: stderr,
      [PROGRESS_DESCRIPTOR]: progress,
    } = child.stdio as unknown as readonly [null, Readable | null, Readable, Readable];
    if (onPcm !== undefined) stdout?.on('data', onPcm);
    else stdout?.setEncoding('utf8').on('data', (text: string) => output.append(text));
    stderr.setEncoding('utf8').on('data', (text: string) => {
      report.append(text);
      onReport?.(text);
    });
    progress.setEncoding('utf8').on('data', (text: string) => {
      told.append(text);
      const nowDoneMs = lastProgressMs(told.end);
      if (nowDoneMs === null || nowDoneMs <= doneMs) return;
      doneMs = nowDoneMs;
      stall.refresh();
      if (onProgress === undefined || performance.now() - reportedAtMs < PROGRESS_INTERVAL_MS) return;
      reportedAtMs = performance.now();
      onProgress(doneMs);
    });
    child.on('close', (exitCode, exitSignal) => {
      settle();
      if (failure !== undefined) reject(failure);
      else resolve({ exitCode, signal: exitSignal, output: output.text, report: report.text, doneMs });
    });
  });
}

/** `-progress` writes blocks of `key=value`; `out_time_us` is missing or `N/A` while nothing has come out. */
function lastProgressMs(text: string): number | null {
  const start = text.lastIndexOf('out_time_us=');
  const microseconds = start < 0 ? null : /^out_time_us=(\d+)\r?\n/.exec(text.slice(start));
  return microseconds === null ? null : Number(microseconds[1]) / 1000;
}
