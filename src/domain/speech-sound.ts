import type { MediaToolOptions } from './media-tool.ts';
import type { SpeechInput } from './speech-to-text.ts';

/** A stretch of time. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A recording as an engine takes it, whole: 16 kHz, one channel, in a file that can be cut anywhere. */
export interface SpeechSound {
  readonly path: string;
  readonly format: SpeechInput['format'];
  /** Of what was decoded. */
  readonly durationMs: number;
  /** Below -50 dBFS for half a second or longer; in order, none touching another. */
  readonly silences: readonly Span[];
}

/** A file for an engine, cut out of a sound. */
export interface SpeechPiece {
  readonly path: string;
  readonly durationMs: number;
  /** What of the sound is in it, one after the other. */
  readonly spans: readonly Span[];
  /** By how much decoders hear it late. */
  readonly delayMs: number;
}

export interface DecodeSpeechOptions extends MediaToolOptions {
  /** Only the beginning, of this length. */
  readonly maxMs?: number | undefined;
}

/** ffmpeg again, for what engines are given. Errors as `MediaTool` has them. */
export interface SpeechDecoder {
  /** @param path where to write */
  decodeSpeech(
    inputPath: string,
    format: SpeechInput['format'],
    path: string,
    options?: DecodeSpeechOptions,
  ): Promise<SpeechSound>;
  /**
   * Copies spans of a sound, moved to where its frames begin.
   * @param path where to write; the sound's own is not touched
   * @throws insufficient_storage, storage_unavailable
   */
  cutSpeech(
    sound: SpeechSound,
    spans: readonly Span[],
    path: string,
    signal?: AbortSignal,
  ): Promise<SpeechPiece>;
  /** Bytes that so much speech takes, in one file. */
  speechBytes(format: SpeechInput['format'], durationMs: number): number;
}

/** When in the sound something is that was heard in a piece of it. */
export function toSoundMs(
  { spans, delayMs }: Pick<SpeechPiece, 'spans' | 'delayMs'>,
  pieceMs: number,
): number {
  let leftMs = Math.max(0, pieceMs - delayMs);
  let endMs = 0;
  for (const span of spans) {
    const lengthMs = span.endMs - span.startMs;
    if (leftMs < lengthMs) return span.startMs + leftMs;
    leftMs -= lengthMs;
    endMs = span.endMs;
  }
  return endMs;
}
