import type { TranscriptSegment } from './transcript.ts';

/** What an engine wants to be given. */
export interface SpeechInput {
  /** 16 kHz, one channel: an MP3 of 48 kbit/s, or a WAV of 16-bit integers. */
  readonly format: 'mp3' | 'wav';
  /** A longer recording comes in pieces, cut in pauses. */
  readonly maxPieceMs: number;
}

export interface SpeechToTextOptions {
  /** BCP 47; without it the engine finds out, or takes its own. */
  readonly language?: string | undefined;
  /** Of the piece. */
  readonly durationMs: number;
  readonly signal: AbortSignal;
  /** Told now and then, with the milliseconds of the piece that are done, by an engine that knows. */
  readonly onProgress?: ((doneMs: number) => void) | undefined;
}

export interface RecognizedSpeech {
  /** In the piece's own time; empty where nothing is said. */
  readonly segments: readonly TranscriptSegment[];
  /** BCP 47, where the engine tells. */
  readonly language?: string | undefined;
}

/**
 * An engine that hears what is said.
 *
 * `transcribe` throws unsupported_media for a piece that it cannot read, engine_unavailable when it is down, overloaded
 * or cut off (`details.retry_after_s` where it says when to come again), engine_refused when it will not do it, however
 * often it is asked (a bad key, a used-up quota, a language that it has not), engine_timeout, tool_unavailable when its
 * own program cannot be run, aborted. No message of an engine is in what it throws; the log has them.
 */
export interface SpeechToText {
  readonly kind: 'openai' | 'aws' | 'sherpa' | 'pocketsphinx';
  /** Kind and model, in letters, digits, `-`, `_`, `.`, `:`: what a transcript is cached by. */
  readonly id: string;
  readonly input: SpeechInput;
  /** Whether it works on this machine's own processor: then no more at once than there are cores. */
  readonly isLocal: boolean;
  /** For `/ready`, `doctor` and the log, without a word of speech. @throws as `transcribe` */
  describe(): Promise<{ readonly kind: string; readonly model: string }>;
  /** Asks a remote engine whether it is there and takes our key, at no cost; absent where nothing can be asked so. @throws
   * as `transcribe` */
  readonly probe?: ((signal: AbortSignal) => Promise<void>) | undefined;
  transcribe(path: string, options: SpeechToTextOptions): Promise<RecognizedSpeech>;
}
