import { availableParallelism } from 'node:os';
import { dirname, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import { tidySegments } from '../../domain/spoken-words.ts';
import type { TranscriptSegment } from '../../domain/transcript.ts';
import { runEngine, type EngineExit } from '../engine-process/run-engine.ts';
import { readWavHeader } from '../engine-process/wav-header.ts';
import { EXIT_NO_ADDON, type SherpaJob, type SherpaMessage } from './sherpa-job.ts';
import type { SherpaModel } from './sherpa-model.ts';
import { segmentsOfStretch } from './sherpa-words.ts';

export interface SherpaOptions {
  readonly model: SherpaModel;
  readonly log: Log;
  /** For a test: another than sherpa-onnx-node. */
  readonly addon?: string | undefined;
  /** For a piece of no length; for a test. */
  readonly startLimitMs?: number | undefined;
}

/** The model is loaded for each piece, in one to ten seconds. */
const MAX_PIECE_MS = 15 * 60_000;
const START_LIMIT_MS = 180_000;
const LIMIT_BY_DURATION = 5;
/** More make it no faster. */
const MAX_THREADS = 4;
const SENSE_VOICE_LANGUAGES = ['zh', 'en', 'ja', 'ko', 'yue'];

/** sherpa-onnx with a model that the operator has chosen, in a process of its own for each piece. */
export function createSherpa(options: SherpaOptions): SpeechToText {
  const { model, log, addon = 'sherpa-onnx-node', startLimitMs = START_LIMIT_MS } = options;
  return {
    kind: 'sherpa',
    id: `sherpa:${model.name}:${model.version}`,
    input: { format: 'wav', maxPieceMs: MAX_PIECE_MS },
    isLocal: true,
    describe: async () => ({ kind: 'sherpa', model: model.name }),

    async transcribe(path, { language, durationMs, signal, onProgress }) {
      const code = languageFor(model, language);
      const threads = Math.min(MAX_THREADS, availableParallelism());
      const job: SherpaJob = { model, language: code, path, ...(await readWavHeader(path)), threads, addon };
      const segments: TranscriptSegment[] = [];
      let isReady = false;
      let told = '';
      const exit = await runEngine({
        executable: process.execPath,
        arguments: [processPath(), JSON.stringify(job)],
        workingDirectory: dirname(path),
        maxMs: startLimitMs + durationMs * LIMIT_BY_DURATION,
        signal,
        onLine(line) {
          // sherpa-onnx itself may have something to say.
          if (!line.startsWith('{')) return;
          const message = readMessage(line);
          if ('ready' in message) {
            isReady = true;
            return;
          }
          if (message.stretch !== null) {
            segments.push(...segmentsOfStretch(message.stretch));
            told ||= languageOf(message.stretch.lang);
          }
          onProgress?.(Math.min(message.doneMs, durationMs));
        },
      });
      if (exit.exitCode !== 0) throw failureOf(exit, isReady, log);
      const heard = told === '' ? code : told;
      return {
        segments: tidySegments(segments, durationMs),
        ...(heard !== undefined && { language: heard }),
      };
    },
  };
}

/** Beside this file, in the language that this file is in: TypeScript here, JavaScript in a build. */
const processPath = (): string =>
  fileURLToPath(new URL(`./sherpa-process${extname(import.meta.url)}`, import.meta.url));

/** @throws engine_refused for a language that the model is known not to understand */
function languageFor({ kind, name }: SherpaModel, language: string | undefined): string | undefined {
  const [code] = language?.toLowerCase().split('-') ?? [];
  const known =
    kind === 'senseVoice'
      ? SENSE_VOICE_LANGUAGES
      : /[.-]en\b/.test(name) && !/multi|[.-]zh\b/.test(name)
        ? ['en']
        : null;
  if (code === undefined || known === null || known.includes(code)) return code;
  throw new AppError('engine_refused', `This speech engine understands ${known.join(', ')} only.`);
}

/** `en`, and `<|en|>` of SenseVoice. */
const languageOf = (lang: string): string => /^(?:<\|)?([a-z]{2,3})(?:\|>)?$/.exec(lang)?.[1] ?? '';

function readMessage(line: string): SherpaMessage {
  try {
    return JSON.parse(line) as SherpaMessage;
  } catch (cause) {
    throw new AppError('engine_unavailable', 'The speech engine answers with something else.', { cause });
  }
}

function failureOf({ exitCode, signal, report }: EngineExit, isReady: boolean, log: Log): AppError {
  const end = report.trim().split('\n').slice(-5);
  log.warn({ engine: 'sherpa', exitCode, signal, report: end }, 'a speech engine failed');
  if (exitCode === EXIT_NO_ADDON)
    return new AppError('tool_unavailable', 'sherpa-onnx cannot be loaded on this machine.');
  // Of Whisper: it knows a hundred, and ends over any other.
  if (/\bInvalid language:/.test(report))
    return new AppError('engine_refused', 'This speech engine does not understand the language.');
  if (!isReady) return new AppError('tool_unavailable', 'The model of the speech engine cannot be used.');
  return new AppError('engine_unavailable', 'The speech engine failed.');
}
