import type { AudioFormat } from './audio-file.ts';
import type { Chapter } from './chapter.ts';
import type { Cover } from './cover.ts';
import type { FrameSpan } from './frame-span.ts';

/** The one shape of playable audio in the library. */
export interface AudioProfile {
  /** Raised whenever parts made before would not join with parts made now. */
  readonly version: number;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly bitrateKbps: number;
}

export const DEFAULT_PROFILE: AudioProfile = {
  version: 1,
  sampleRateHz: 44_100,
  channels: 2,
  bitrateKbps: 128,
};

export interface MediaInfo {
  readonly format: AudioFormat;
  /** As the container says; absent when it does not. */
  readonly durationMs?: number | undefined;
}

export interface SoundLevel {
  /** Integrated, EBU R128; absent for silence (below the gate). */
  readonly integratedLufs?: number | undefined;
  /** Highest sample, 1 = full scale; 0 for silence. Decoders may pass 1. */
  readonly peak: number;
}

export interface Loudness extends SoundLevel {
  /** What was decoded. */
  readonly durationMs: number;
  /** The highest sample, 255 = full scale, of every 100 ms of the channels' mean, in the order of time and at most 2^19
   * of them: from fourteen and a half hours on, of every 200 ms, and so on. */
  readonly waveform: Uint8Array;
}

export interface EncodeOptions {
  readonly profile: AudioProfile;
  /** Applied before a limiter at -1.5 dBFS, which is only there when `limit` is set. */
  readonly gainDb: number;
  readonly limit: boolean;
}

export interface MediaToolOptions {
  /** Told about every second while work goes on, with the milliseconds of audio done. */
  readonly onProgress?: ((doneMs: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EncodeRunOptions extends MediaToolOptions {
  /** About how long the sound is: with it, a long one is encoded in several places at once. What comes out is the same. */
  readonly durationMs?: number | undefined;
}

export interface MeasureOptions extends MediaToolOptions {
  /** Told now and then how loud the first `doneMs` milliseconds were, while the measure goes on. */
  readonly onReading?: ((level: SoundLevel, doneMs: number) => void) | undefined;
  /** Of an MP3: with it, a long one is decoded in several places at once. What is measured is the same. */
  readonly span?: FrameSpan | undefined;
}

/**
 * ffmpeg, in a process of its own, on untrusted bytes: bounded in time, memory, output and decoded hours; it opens
 * nothing but the paths it is given.
 *
 * Every method throws unsupported_media when the file holds no audio that can be decoded, too_large when it decodes to
 * more hours than allowed, tool_unavailable when ffmpeg cannot be run, insufficient_storage on a full disk, aborted.
 */
export interface MediaTool {
  /** For `/ready`, `doctor` and the log: which ffmpeg, and its version. @throws tool_unavailable */
  describe(): Promise<{ readonly kind: 'native' | 'wasm'; readonly path: string; readonly version: string }>;
  /** How many runs would begin at once: processor cores without one. Where there are none, runs wait for their turn. */
  idleCores(): number;
  probe(inputPath: string, options?: MediaToolOptions): Promise<MediaInfo>;
  measureLoudness(inputPath: string, options?: MeasureOptions): Promise<Loudness>;
  /**
   * Writes an MP3 of the profile: first audio stream, reservoir off, no tags, no Info frame.
   * @returns what came out of the limiter; null without one
   */
  encode(
    inputPath: string,
    outputPath: string,
    encode: EncodeOptions,
    options?: EncodeRunOptions,
  ): Promise<SoundLevel | null>;
}

/** What the tags of a file say: texts as one line of at most 300 characters, chapters as `tidyChapters` leaves them. */
export interface MediaTags {
  readonly title?: string | undefined;
  readonly artist?: string | undefined;
  readonly album?: string | undefined;
  /** Of MP4 (QuickTime and Nero), ID3v2 and Vorbis comments; they may begin after the end. */
  readonly chapters?: readonly Chapter[] | undefined;
  /** The front cover, or else the first picture that there is. */
  readonly cover?: Cover | undefined;
}

export interface TagReader {
  /** Never throws for a file without tags, or with broken ones: then it is empty. */
  read(inputPath: string, signal?: AbortSignal): Promise<MediaTags>;
}
