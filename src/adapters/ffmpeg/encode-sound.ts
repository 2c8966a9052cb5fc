import { rm } from 'node:fs/promises';
import { isAppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { EncodeOptions, EncodeRunOptions, SoundLevel } from '../../domain/media-tool.ts';
import { frameCycle, planEncodeSections, RUN_IN_CYCLES } from './encode-sections.ts';
import type { EncodeSection } from './encode-sections.ts';
import { encodeArguments } from './ffmpeg-arguments.ts';
import type { FfmpegRunner } from './ffmpeg-runner.ts';
import { measureSections, measureWhole } from './measure-sections.ts';
import { joinSections } from './section-join.ts';
import { runSideBySide } from './side-by-side.ts';

/** A sound of this length takes about a quarter of a minute on two cores. */
const LONG_MS = 20 * 60_000;

export interface SoundEncode {
  readonly inputPath: string;
  readonly outputPath: string;
  readonly encode: EncodeOptions;
  readonly maxSections: number;
  readonly log: Log;
}

/**
 * Encodes a sound: a long one in sections, side by side, whose MP3s are joined; else, or when they do not fit together,
 * in one run. As `MediaTool.encode` has it.
 */
export async function encodeSound(
  runner: FfmpegRunner,
  sound: SoundEncode,
  options: EncodeRunOptions,
): Promise<SoundLevel | null> {
  const { inputPath, outputPath, encode, maxSections, log } = sound;
  const durationMs = Math.min(options.durationMs ?? 0, runner.limitMs);
  // What takes minutes leaves room for others: a run that has begun is not put off.
  const room = durationMs > LONG_MS ? maxSections - 1 : maxSections;
  const sections = planEncodeSections(encode.profile, durationMs, room);
  if (sections.length > 1) {
    const joined = await encodeSections(runner, sound, sections, options);
    if (joined !== null) return joined.level;
    log.warn(
      { sections: sections.length },
      'sections of an encode do not fit together: it is done in one run',
    );
  }
  const task = { inputPath, task: encodeArguments(encode, runner.limitSeconds, outputPath) };
  if (encode.limit) return toLevel(await measureWhole((each) => runner.meter(task, each), options));
  await runner.run(task, options);
  return null;
}

/** @returns null when they do not fit together */
async function encodeSections(
  runner: FfmpegRunner,
  { inputPath, outputPath, encode }: SoundEncode,
  sections: readonly EncodeSection[],
  options: EncodeRunOptions,
): Promise<{ readonly level: SoundLevel | null } | null> {
  const cycle = frameCycle(encode.profile);
  const toMs = (samples: number) => (samples * 1000) / encode.profile.sampleRateHz;
  const files = sections.map((section, index) => ({
    section,
    path: index === 0 ? outputPath : `${outputPath}.${index}`,
  }));
  const taskOf = ({ section, path }: (typeof files)[number]) => ({
    inputPath,
    task: encodeArguments(encode, runner.limitSeconds, path, section),
    skippedMs: toMs(section.startSample),
  });
  /** What a section encodes of the one before is not told twice. */
  const progressOf = ({ section }: (typeof files)[number], { onProgress }: EncodeRunOptions) => {
    const repeatedMs = section.startCycle === 0 ? 0 : toMs(RUN_IN_CYCLES * cycle.samples);
    return (doneMs: number) => onProgress?.(Math.max(0, doneMs - repeatedMs));
  };
  try {
    let level: SoundLevel | null = null;
    if (encode.limit) {
      const merged = files.map((file) => ({ ...file.section, file }));
      const loudness = await measureSections(
        merged,
        ({ file }, each) => runner.meter(taskOf(file), { ...each, onProgress: progressOf(file, each) }),
        options,
      );
      if (loudness === null) return null;
      level = toLevel(loudness);
    } else {
      await runSideBySide(
        files,
        (file, each) => runner.run(taskOf(file), { ...each, onProgress: progressOf(file, each) }),
        options,
      );
    }
    return (await joinSections(files, cycle, options.signal)) ? { level } : null;
  } catch (error) {
    // A sound that ends before one of its sections begins: it is shorter than it says.
    if (isAppError(error, 'unsupported_media')) return null;
    throw error;
  } finally {
    for (const { path } of files.slice(1)) await rm(path, { force: true });
  }
}

const toLevel = ({ integratedLufs, peak }: SoundLevel): SoundLevel => ({
  peak,
  ...(integratedLufs === undefined ? {} : { integratedLufs }),
});
