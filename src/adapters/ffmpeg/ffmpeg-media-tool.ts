import { AppError } from '../../domain/app-error.ts';
import type { Loudness, MeasureOptions, MediaTool } from '../../domain/media-tool.ts';
import type { SpeechDecoder } from '../../domain/speech-sound.ts';
import { planDecodeSections } from './decode-sections.ts';
import type { DecodeSection } from './decode-sections.ts';
import { encodeSound } from './encode-sound.ts';
import { decodeArguments, meterArguments } from './ffmpeg-arguments.ts';
import type { FfmpegCommand } from './ffmpeg-command.ts';
import { runFfmpeg } from './ffmpeg-process.ts';
import { parseMediaInfo, parseVersion } from './ffmpeg-report.ts';
import { FfmpegRunner, notAudio, tooLong } from './ffmpeg-runner.ts';
import type { FfmpegLimits } from './ffmpeg-runner.ts';
import { measureSections, measureWhole } from './measure-sections.ts';
import { createSpeechDecoder } from './speech-decoder.ts';

const PROBE_SECONDS = 1;
const PROBE_MAX_MS = 60_000;

/** The media tool by way of one ffmpeg, native or not, and the decoder of speech. */
export function createFfmpegMediaTool(
  command: FfmpegCommand,
  limits: FfmpegLimits,
): MediaTool & SpeechDecoder {
  const runner = new FfmpegRunner(command, limits);
  const { limitMs, limitSeconds, slots } = runner;
  // The WebAssembly build takes longer to start than a section to decode.
  const hasSections = command.kind === 'native';

  /** As many as would begin at once. */
  const planSections = (span: MeasureOptions['span']): DecodeSection[] =>
    span === undefined || !hasSections ? [] : planDecodeSections(span, slots.free);

  return {
    ...createSpeechDecoder(runner),

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
      const task = decodeArguments(PROBE_SECONDS);
      const result = await runner.run({ inputPath, task, maxMs: PROBE_MAX_MS, isQuick: true }, options);
      const info = parseMediaInfo(result.report);
      if (info === null) throw notAudio();
      // What PCM claims is only the size in its header, which streaming writers leave at its maximum.
      const isPcm = info.format.codec.startsWith('pcm_');
      if (!isPcm && info.durationMs !== undefined && info.durationMs > limitMs) {
        throw tooLong(limits.maxAudioHours);
      }
      return info;
    },

    async measureLoudness(inputPath, options = {}): Promise<Loudness> {
      const sections = planSections(options.span);
      if (sections.length > 1) {
        const loudness = await measureSections(
          sections,
          (section, each) =>
            runner.meter(
              { inputPath, task: meterArguments(limitSeconds, section), mp3StartByte: section.startByte },
              each,
            ),
          options,
        );
        if (loudness !== null) return loudness;
        limits.log.warn(
          { sections: sections.length },
          'sections of an MP3 do not fit together: it is measured whole',
        );
      }
      const task = meterArguments(limitSeconds);
      return measureWhole((each) => runner.meter({ inputPath, task }, each), options);
    },

    encode: (inputPath, outputPath, encode, options = {}) =>
      encodeSound(
        runner,
        { inputPath, outputPath, encode, maxSections: hasSections ? limits.maxRuns : 1, log: limits.log },
        options,
      ),
  };
}
