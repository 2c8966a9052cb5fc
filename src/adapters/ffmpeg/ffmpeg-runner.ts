import { stat } from 'node:fs/promises';
import { AppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { MediaToolOptions } from '../../domain/media-tool.ts';
import { inputArguments } from './ffmpeg-arguments.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';
import { runFfmpeg } from './ffmpeg-process.ts';
import type { FfmpegRun, FfmpegRunOptions, ProcessBounds } from './ffmpeg-process.ts';
import { MeasureThreads } from './measure-threads.ts';
import type { MeasureRun, MeasureRunOptions } from './measure-threads.ts';
import { RunSlots } from './run-slots.ts';

export interface FfmpegLimits {
  readonly tempDir: string;
  readonly maxAudioHours: number;
  readonly log: Log;
  /** Runs at once; more wait for their turn. */
  readonly maxRuns: number;
  /** A run whose audio has not moved on for this long is killed. */
  readonly stallMs?: number | undefined;
}

/** What one run of ffmpeg is to do. */
export interface FfmpegTask {
  readonly inputPath: string;
  /** What comes after the input. */
  readonly task: readonly string[];
  /** Where to begin in an MP3. */
  readonly mp3StartByte?: number | undefined;
  /** Of the sound, what is decoded and thrown away before any of it comes out: so long nothing is heard of the run. */
  readonly skippedMs?: number | undefined;
  /** Takes a moment, and somebody waits for it: it is not put behind the others. */
  readonly isQuick?: boolean | undefined;
  /** Killed after this long; without it, when it takes longer than the longest sound may. */
  readonly maxMs?: number | undefined;
}

const DEFAULT_STALL_MS = 120_000;
/** The slowest machine that is waited for does four seconds of audio in one; the start comes on top. */
const SLOWEST_SPEED = 4;
const START_MAX_MS = 120_000;

/** Runs one ffmpeg on inputs of others, within the limits; throws as `MediaTool` says. */
export class FfmpegRunner {
  readonly slots: RunSlots;
  readonly #quickSlots = new RunSlots(1);
  /** The longest sound that may be taken. */
  readonly limitMs: number;
  /** A second more than is allowed, so that what is too long shows itself without being decoded to its end. */
  readonly limitSeconds: number;
  readonly #command: FfmpegCommand;
  readonly #limits: FfmpegLimits;
  readonly #threads = new MeasureThreads();

  constructor(command: FfmpegCommand, limits: FfmpegLimits) {
    this.#command = command;
    this.#limits = limits;
    this.slots = new RunSlots(limits.maxRuns);
    this.limitMs = limits.maxAudioHours * 3_600_000;
    this.limitSeconds = Math.ceil(this.limitMs / 1000) + 1;
  }

  run(task: FfmpegTask, options: Omit<FfmpegRunOptions, 'onPcm'> = {}): Promise<FfmpegRun> {
    return this.#guarded(task, options, (ffmpegArguments, bounds) =>
      runFfmpeg(this.#command, ffmpegArguments, bounds, options),
    );
  }

  /** Meters what it passes to PCM_DESCRIPTOR. */
  meter(task: FfmpegTask, options: MeasureRunOptions): Promise<MeasureRun> {
    return this.#guarded(task, options, (ffmpegArguments, bounds) =>
      this.#threads.run({ command: this.#command, ffmpegArguments, bounds }, options),
    );
  }

  async #guarded<Run extends FfmpegRun>(
    { inputPath, task, mp3StartByte, skippedMs = 0, isQuick = false, maxMs }: FfmpegTask,
    { signal }: MediaToolOptions,
    execute: (ffmpegArguments: readonly string[], bounds: ProcessBounds) => Promise<Run>,
  ): Promise<Run> {
    const { log, maxAudioHours, stallMs = DEFAULT_STALL_MS, tempDir } = this.#limits;
    const boundMs = maxMs ?? START_MAX_MS + this.limitMs / SLOWEST_SPEED;
    const patienceMs = Math.min(boundMs, stallMs + skippedMs / SLOWEST_SPEED);
    const bounds = { workingDirectory: tempDir, maxMs: boundMs, stallMs: patienceMs };
    const slots = isQuick ? this.#quickSlots : this.slots;
    const result = await slots.use(signal, async () => {
      await checkInput(inputPath, this.#command);
      return execute([...inputArguments(inputPath, mp3StartByte), ...task], bounds);
    });
    const failure = failureOf(result);
    if (failure !== null) {
      const { exitCode, signal: killedBy, report } = result;
      log.info(
        { code: failure.code, exitCode, signal: killedBy, report: report.slice(-2000) },
        'ffmpeg refused a file',
      );
      throw failure;
    }
    if (skippedMs + result.doneMs > this.limitMs) throw tooLong(maxAudioHours);
    return result;
  }
}

/** @throws storage_unavailable when it cannot be read; unsupported_media when empty; too_large for this ffmpeg */
async function checkInput(inputPath: string, command: FfmpegCommand): Promise<void> {
  const { size } = await stat(inputPath).catch((cause: unknown) => {
    throw new AppError('storage_unavailable', 'The file to work on cannot be read.', { cause });
  });
  if (size === 0) throw notAudio();
  if (command.maxInputBytes !== undefined && size > command.maxInputBytes) {
    const megabytes = command.maxInputBytes / 1_000_000;
    throw new AppError(
      'too_large',
      `Without ffmpeg installed on the server, files of up to ${megabytes} MB can be taken in.`,
    );
  }
}

/** What an ended run says about its input; null when it went well. */
function failureOf({ exitCode, signal, report, doneMs }: FfmpegRun): AppError | null {
  if (/No space left on device|Disk quota exceeded/.test(report)) {
    return new AppError('insufficient_storage', 'There is no room left to work on this file.');
  }
  // Not killed here: by the system, for want of memory, or by somebody.
  if (signal === 'SIGKILL' || signal === 'SIGTERM') {
    return new AppError('tool_unavailable', 'ffmpeg was stopped from outside.');
  }
  return exitCode === 0 && doneMs > 0 ? null : notAudio();
}

export function notAudio(): AppError {
  return new AppError('unsupported_media', 'There is no audio in this file that can be decoded.');
}

export function tooLong(maxAudioHours: number): AppError {
  return new AppError('too_large', `Audio may last at most ${maxAudioHours} hours.`);
}
