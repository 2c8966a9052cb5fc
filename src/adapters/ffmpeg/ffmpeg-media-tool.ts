import { stat } from 'node:fs/promises';
import { AppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { Loudness, MeasureOptions, MediaTool, MediaToolOptions } from '../../domain/media-tool.ts';
import { planDecodeSections } from './decode-sections.ts';
import type { DecodeSection } from './decode-sections.ts';
import { decodeArguments, encodeArguments, inputArguments, meterArguments } from './ffmpeg-arguments.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';
import { runFfmpeg } from './ffmpeg-process.ts';
import type { FfmpegRun, ProcessBounds } from './ffmpeg-process.ts';
import { parseMediaInfo, parseVersion } from './ffmpeg-report.ts';
import { measureSections, measureWhole } from './measure-sections.ts';
import { MeasureThreads } from './measure-threads.ts';
import type { MeasureRunOptions } from './measure-threads.ts';
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

type RunInput<Options> = [
  command: FfmpegCommand,
  ffmpegArguments: readonly string[],
  bounds: ProcessBounds,
  options?: Options,
];

const PROBE_SECONDS = 1;
const PROBE_MAX_MS = 60_000;
const DEFAULT_STALL_MS = 120_000;
/** The slowest machine that is waited for does four seconds of audio in one; the start comes on top. */
const SLOWEST_SPEED = 4;
const START_MAX_MS = 120_000;

/** The media tool by way of one ffmpeg, native or not. */
export function createFfmpegMediaTool(command: FfmpegCommand, limits: FfmpegLimits): MediaTool {
  const limitMs = limits.maxAudioHours * 3_600_000;
  // A second more than is allowed, so that what is too long shows itself without being decoded to its end.
  const limitSeconds = Math.ceil(limitMs / 1000) + 1;
  const workMaxMs = START_MAX_MS + limitMs / SLOWEST_SPEED;
  const slots = new RunSlots(limits.maxRuns);
  const threads = new MeasureThreads();
  const patienceMs = limits.stallMs ?? DEFAULT_STALL_MS;

  async function run<Options extends MediaToolOptions, Run extends FfmpegRun>(
    inputPath: string,
    task: readonly string[],
    maxMs: number,
    options: Options | undefined,
    execute: (...input: RunInput<Options>) => Promise<Run>,
    mp3StartByte?: number,
  ): Promise<Run> {
    const bounds = { workingDirectory: limits.tempDir, maxMs, stallMs: Math.min(maxMs, patienceMs) };
    const result = await slots.use(options?.signal, async () => {
      await checkInput(inputPath, command);
      return execute(command, [...inputArguments(inputPath, mp3StartByte), ...task], bounds, options);
    });
    const failure = failureOf(result);
    if (failure !== null) {
      const { exitCode, signal, report } = result;
      limits.log.info(
        { code: failure.code, exitCode, signal, report: report.slice(-2000) },
        'ffmpeg refused a file',
      );
      throw failure;
    }
    if (result.doneMs > limitMs) throw tooLong(limits.maxAudioHours);
    return result;
  }

  const meter = (
    inputPath: string,
    task: readonly string[],
    options: MeasureRunOptions,
    mp3StartByte?: number,
  ) =>
    run(
      inputPath,
      task,
      workMaxMs,
      options,
      (_command, ffmpegArguments, bounds) => threads.run({ command, ffmpegArguments, bounds }, options),
      mp3StartByte,
    );

  /** As many as would begin at once. The WebAssembly build takes longer to start than a section to decode. */
  const planSections = (span: MeasureOptions['span']): DecodeSection[] =>
    span === undefined || command.kind === 'wasm' ? [] : planDecodeSections(span, slots.free);

  return {
    async describe() {
      const bounds = { workingDirectory: limits.tempDir, maxMs: PROBE_MAX_MS, stallMs: PROBE_MAX_MS };
      const result = await runFfmpeg(command, ['-version'], bounds);
      const found = parseVersion(result.output);
      if (found === null)
        throw new AppError('tool_unavailable', 'What was named as ffmpeg does not answer as ffmpeg.');
      if (!found.encodesMp3)
        throw new AppError('tool_unavailable', 'This ffmpeg was built without libmp3lame.');
      return { kind: command.kind, path: command.path, version: found.version };
    },

    idleCores: () => slots.free,

    async probe(inputPath, options) {
      const result = await run(inputPath, decodeArguments(PROBE_SECONDS), PROBE_MAX_MS, options, runFfmpeg);
      const info = parseMediaInfo(result.report);
      if (info === null) throw notAudio();
      // What PCM claims is only the size in its header, which streaming writers leave at its maximum.
      const isPcm = info.format.codec.startsWith('pcm_');
      if (!isPcm && info.durationMs !== undefined && info.durationMs > limitMs) {
        throw tooLong(limits.maxAudioHours);
      }
      return info;
    },

    async measureLoudness(inputPath, options): Promise<Loudness> {
      const sections = planSections(options?.span);
      if (sections.length > 1) {
        const loudness = await measureSections(
          sections,
          (section, each) => meter(inputPath, meterArguments(limitSeconds, section), each, section.startByte),
          options ?? {},
        );
        if (loudness !== null) return loudness;
        limits.log.warn(
          { sections: sections.length },
          'sections of an MP3 do not fit together: it is measured whole',
        );
      }
      return measureWhole((each) => meter(inputPath, meterArguments(limitSeconds), each), options ?? {});
    },

    async encode(inputPath, outputPath, encode, options) {
      const task = encodeArguments(encode, limitSeconds, outputPath);
      if (!encode.limit) {
        await run(inputPath, task, workMaxMs, options, runFfmpeg);
        return null;
      }
      const { integratedLufs, peak } = await measureWhole(
        (each) => meter(inputPath, task, each),
        options ?? {},
      );
      return { peak, ...(integratedLufs === undefined ? {} : { integratedLufs }) };
    },
  };
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

function notAudio(): AppError {
  return new AppError('unsupported_media', 'There is no audio in this file that can be decoded.');
}

function tooLong(maxAudioHours: number): AppError {
  return new AppError('too_large', `Audio may last at most ${maxAudioHours} hours.`);
}
