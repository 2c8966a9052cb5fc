import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { AppError, ValidationError } from '../../../domain/app-error.ts';
import { lengthOf, planSpeech } from '../../../domain/speech-plan.ts';
import { toSoundMs, type SpeechPiece, type SpeechSound } from '../../../domain/speech-sound.ts';
import type { RecognizedSpeech, SpeechToText } from '../../../domain/speech-to-text.ts';
import type { Workspace } from '../../../domain/speech-workspace.ts';
import type { TranscriptSegment } from '../../../domain/transcript.ts';
import type { DebugFile } from '../../debug-files.ts';
import type { Ports } from '../../ports.ts';

/** A recording to be heard. */
export interface Recording {
  /** As it was uploaded, for the name of its temporary file. */
  readonly extension: string;
  readonly sizeBytes: number;
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export interface HearOptions {
  readonly language?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface HearContext {
  readonly signal: AbortSignal;
  readonly report: (percentage: number, message: string) => void;
  /** Told of what is about to be written that shows how the work went: the input, and each piece for the engine. */
  readonly onFile: (file: DebugFile) => void;
}

export interface HeardRecording {
  /** In the recording's own time. */
  readonly segments: readonly TranscriptSegment[];
  readonly language?: string | undefined;
  /** Of the recording, as far as it was decoded. */
  readonly durationMs: number;
}

export type HearPorts = Pick<Ports, 'mediaTool' | 'speechDecoder' | 'speechTally' | 'policy' | 'clock'>;

/** Of what does not say. */
const MIN_KBPS = 8;

// Percentages at the end of each phase.
const FETCHED = 3;
const DECODED = 10;
const HEARD = 97;

/**
 * Has an engine hear a recording, through temporary files in `workspace`, which the caller clears: the input; all of it
 * decoded; what the engine is given of it, piece by piece.
 *
 * @throws insufficient_storage before work begins when there is no room; unsupported_media, too_large; invalid_input for
 * `from_s` beyond the end; no_speech; what the engine throws
 */
export async function hearRecording(
  ports: HearPorts,
  engine: SpeechToText,
  recording: Recording,
  workspace: Workspace,
  options: HearOptions,
  context: HearContext,
): Promise<HeardRecording> {
  const { signal, report } = context;
  const { speechTally: tally } = ports;
  report(0, 'Fetching the recording');
  await workspace.reserve(recording.sizeBytes);
  const inputPath = workspace.path('input', recording.extension);
  context.onFile({ kind: 'input', path: inputPath, extension: recording.extension });
  // It is there before anything can stop: one that is still being opened then would come after all was cleared away.
  const input = await open(inputPath, 'wx', 0o600);
  await pipeline(recording.read(signal), input.createWriteStream(), { signal });
  tally.inputBytes += recording.sizeBytes;

  report(FETCHED, 'Looking for silence');
  const beganMs = ports.clock();
  const sound = await decode(ports, engine, inputPath, recording, workspace, options, context);
  tally.decodingMs += ports.clock() - beganMs;
  tally.recordedMs += sound.durationMs;
  const { fromMs = 0, toMs } = options;
  if (fromMs > 0 && fromMs >= sound.durationMs) {
    throw new ValidationError('from_s', `The recording is ${(sound.durationMs / 1000).toFixed(1)} s long.`);
  }

  const { trimPauses } = ports.policy.speech;
  const { maxPieceMs } = engine.input;
  const plan = planSpeech(sound, { trimPauses, maxPieceMs, fromMs, toMs });
  if (plan.length === 0) throw silent();
  const segments: TranscriptSegment[] = [];
  let { language } = options;
  const totalMs = lengthOf(plan.flat());
  let doneMs = 0;
  for (const [index, spans] of plan.entries()) {
    const message = plan.length === 1 ? 'Listening' : `Listening to part ${index + 1} of ${plan.length}`;
    const atMs = (pieceMs: number) => DECODED + ((HEARD - DECODED) * (doneMs + pieceMs)) / totalMs;
    report(atMs(0), message);
    const path = workspace.path('trimmed', engine.input.format);
    context.onFile({ kind: 'output', path, extension: engine.input.format });
    const piece = await ports.speechDecoder.cutSpeech(sound, spans, path, signal);
    const engineBeganMs = ports.clock();
    const heard = await engine.transcribe(piece.path, {
      language: options.language,
      durationMs: piece.durationMs,
      signal,
      onProgress: (pieceMs) => report(atMs(Math.min(pieceMs, piece.durationMs)), message),
    });
    tally.engineMs += ports.clock() - engineBeganMs;
    tally.heardMs += piece.durationMs;
    language ??= heard.language;
    segments.push(...inSoundTime(heard, piece));
    doneMs += lengthOf(spans);
  }
  if (segments.length === 0) throw silent();
  report(HEARD, 'Saving what was said');
  return { segments, language, durationMs: sound.durationMs };
}

/** @throws insufficient_storage when there is no room for what will come of it */
async function decode(
  ports: HearPorts,
  { input: { format } }: SpeechToText,
  inputPath: string,
  { sizeBytes }: Recording,
  workspace: Workspace,
  { toMs = Infinity }: HearOptions,
  { signal, report }: HearContext,
): Promise<SpeechSound> {
  const info = await ports.mediaTool.probe(inputPath, { signal });
  // What does not say how long it is takes as long as its bit rate makes of its bytes.
  const kbps = Math.max(MIN_KBPS, info.format.bitrateKbps);
  const claimedMs = Math.min(
    info.durationMs ?? (sizeBytes * 8) / kbps,
    ports.policy.maxAudioHours * 3_600_000,
  );
  const aboutMs = Math.min(toMs, claimedMs);
  // All of it, and beside it what is cut out.
  await workspace.reserve(2 * ports.speechDecoder.speechBytes(format, aboutMs));
  const sound = await ports.speechDecoder.decodeSpeech(inputPath, format, workspace.path('trimmed', format), {
    maxMs: Number.isFinite(toMs) ? toMs : undefined,
    signal,
    onProgress: (doneMs) => {
      const share = Math.min(1, doneMs / Math.max(1, aboutMs));
      report(FETCHED + (DECODED - FETCHED) * share, 'Looking for silence');
    },
  });
  // Headers may be wrong: what is longer than it says takes room that others may not count on either.
  const moreMs = sound.durationMs - aboutMs;
  if (moreMs > 0) await workspace.reserve(2 * ports.speechDecoder.speechBytes(format, moreMs));
  return sound;
}

function inSoundTime({ segments }: RecognizedSpeech, piece: SpeechPiece): TranscriptSegment[] {
  return segments.map(({ startMs, endMs, text }) => {
    const start = Math.round(toSoundMs(piece, startMs));
    return { startMs: start, endMs: Math.max(start, Math.round(toSoundMs(piece, endMs))), text };
  });
}

const silent = (): AppError =>
  new AppError('no_speech', 'Nothing is said in this recording, as far as can be heard.');
