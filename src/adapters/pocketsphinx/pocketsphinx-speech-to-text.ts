import { dirname } from 'node:path';
import { AppError } from '../../domain/app-error.ts';
import type { Log } from '../../domain/log.ts';
import type { SpeechToText } from '../../domain/speech-to-text.ts';
import { segmentsOfWords, tidySegments } from '../../domain/spoken-words.ts';
import { runEngine, type EngineExit } from '../engine-process/run-engine.ts';
import { readWavHeader } from '../engine-process/wav-header.ts';
import type { PocketsphinxModel, PocketsphinxProgram } from './find-pocketsphinx.ts';
import { readJsonLines, readTable } from './pocketsphinx-output.ts';

export interface PocketsphinxOptions {
  readonly program: PocketsphinxProgram;
  readonly model: PocketsphinxModel;
  readonly log: Log;
  /** For a piece of no length; for a test. */
  readonly startLimitMs?: number | undefined;
}

const MAX_PIECE_MS = 5 * 60_000;
const START_LIMIT_MS = 60_000;
/** It takes a sixth of real time on a desktop computer, and all of it on the smallest. */
const LIMIT_BY_DURATION = 5;

/** English only. @see {@link https://cmusphinx.github.io} */
export function createPocketsphinx(options: PocketsphinxOptions): SpeechToText {
  const { program, model, log, startLimitMs = START_LIMIT_MS } = options;
  return {
    kind: 'pocketsphinx',
    id: `pocketsphinx:en-us:${program.flavour}`,
    input: { format: 'wav', maxPieceMs: MAX_PIECE_MS },
    isLocal: true,
    describe: async () => ({ kind: 'pocketsphinx', model: 'en-us' }),

    async transcribe(path, { language, durationMs, signal, onProgress }) {
      if (language !== undefined && !/^en(-|$)/i.test(language)) {
        throw new AppError('engine_refused', 'This speech engine understands English only.');
      }
      await readWavHeader(path);
      const output = program.flavour === 'single' ? readJsonLines() : readTable();
      const exit = await runEngine({
        executable: program.path,
        arguments: argumentsFor(program, model, path),
        workingDirectory: dirname(path),
        maxMs: startLimitMs + durationMs * LIMIT_BY_DURATION,
        signal,
        onLine(line) {
          const beforeMs = output.doneMs;
          output.take(line);
          if (output.doneMs > beforeMs) onProgress?.(Math.min(output.doneMs, durationMs));
        },
      });
      if (exit.exitCode !== 0) throw failureOf(exit, log);
      return { segments: tidySegments(segmentsOfWords(output.end()), durationMs), language: 'en' };
    },
  };
}

function argumentsFor(
  { flavour }: PocketsphinxProgram,
  { acoustic, language, dictionary }: PocketsphinxModel,
  path: string,
): string[] {
  const model = ['-hmm', acoustic, '-lm', language, '-dict', dictionary];
  return flavour === 'single' ? [...model, 'single', path] : [...model, '-infile', path, '-time', 'yes'];
}

function failureOf({ exitCode, signal, report }: EngineExit, log: Log): AppError {
  const errors = report.split('\n').filter((line) => /^(?:ERROR|FATAL)/.test(line));
  log.warn({ engine: 'pocketsphinx', exitCode, signal, errors: errors.slice(-3) }, 'a speech engine failed');
  return new AppError('engine_unavailable', 'The speech engine failed.');
}
