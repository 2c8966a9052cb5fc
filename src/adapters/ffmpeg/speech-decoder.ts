import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { abortedError } from '../../domain/abort.ts';
import { AppError } from '../../domain/app-error.ts';
import type { Span, SpeechDecoder, SpeechSound } from '../../domain/speech-sound.ts';
import type { SpeechInput } from '../../domain/speech-to-text.ts';
import { MAX_WAV_DATA_BYTES, WAV_HEADER_BYTES, wavHeader } from '../../domain/wav-header.ts';
import { soundArguments } from './ffmpeg-arguments.ts';
import { notAudio } from './ffmpeg-runner.ts';
import type { FfmpegRunner } from './ffmpeg-runner.ts';
import { SilenceReader } from './silence-reader.ts';

/** A format whose every frame has as many bytes: a sound is cut by copying. */
interface Frames {
  readonly samples: number;
  readonly bytes: number;
  /** By how many samples decoders hear the sound late. */
  readonly delaySamples: number;
  readonly output: readonly string[];
}

const RATE_HZ = 16_000;
const SAMPLE_BYTES = 2;
const MP3_KBPS = 48;
/** Of a layer III frame of MPEG-2 (ISO/IEC 13818-3). */
const MP3_FRAME_SAMPLES = 576;

const FRAMES: Readonly<Record<SpeechInput['format'], Frames>> = {
  mp3: {
    samples: MP3_FRAME_SAMPLES,
    // A whole number: no frame is padded.
    bytes: (MP3_FRAME_SAMPLES / 8) * ((MP3_KBPS * 1000) / RATE_HZ),
    // LAME's own 576 and the 529 of every decoder (LAME 3.100, Technical FAQ).
    delaySamples: 1105,
    output: [
      ...['-c:a', 'libmp3lame', '-b:a', `${MP3_KBPS}k`, '-reservoir', '0', '-bitexact'],
      ...['-id3v2_version', '0', '-write_id3v1', '0', '-write_xing', '0', '-f', 'mp3'],
    ],
  },
  // Without a header: a piece is given one of its own.
  wav: { samples: 1, bytes: SAMPLE_BYTES, delaySamples: 0, output: ['-c:a', 'pcm_s16le', '-f', 's16le'] },
};

const FILTERS = [
  `aformat=sample_fmts=s16:sample_rates=${RATE_HZ}:channel_layouts=mono`,
  'silencedetect=noise=-50dB:duration=0.5',
];

const toMs = (samples: number): number => (samples * 1000) / RATE_HZ;

/** One run of ffmpeg decodes, finds the silences and encodes; the rest is copying. */
export function createSpeechDecoder(runner: FfmpegRunner): SpeechDecoder {
  return {
    async decodeSpeech(inputPath, format, path, { maxMs = Infinity, signal, onProgress } = {}) {
      const seconds = Math.min(runner.limitSeconds, maxMs / 1000);
      const silences = new SilenceReader();
      const task = soundArguments(seconds, FILTERS, FRAMES[format].output, path);
      await runner.run(
        { inputPath, task },
        { signal, onProgress, onReport: (text) => silences.append(text) },
      );
      const { size } = await stat(path);
      const { samples, bytes, delaySamples } = FRAMES[format];
      const durationMs = toMs(Math.max(0, Math.floor(size / bytes) * samples - delaySamples));
      if (durationMs === 0) throw notAudio();
      return { path, format, durationMs, silences: silences.end(durationMs) };
    },

    async cutSpeech(sound, spans, path, signal) {
      const frames = FRAMES[sound.format];
      const ranges = spans.map((span) => toFrames(span, sound.durationMs, frames));
      const bytes = ranges.reduce((sum, { start, end }) => sum + (end - start) * frames.bytes, 0);
      if (sound.format === 'wav' && bytes > MAX_WAV_DATA_BYTES)
        throw new AppError('too_large', 'So much speech does not fit into one WAV.');
      // Opened first: whoever clears away after an abort finds it.
      const file = await open(path, 'wx', 0o600);
      await pipeline(readRanges(sound, ranges, bytes), file.createWriteStream(), { signal }).catch(
        (error: unknown) => {
          throw signal?.aborted === true ? abortedError(signal) : error;
        },
      );
      const cut = ranges.map(({ start, end }) => ({
        startMs: toMs(start * frames.samples),
        endMs: toMs(end * frames.samples),
      }));
      const durationMs = cut.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
      return { path, durationMs, spans: cut, delayMs: toMs(frames.delaySamples) };
    },

    speechBytes(format, durationMs) {
      const { bytes, samples } = FRAMES[format];
      return Math.ceil((durationMs / toMs(samples)) * bytes) + WAV_HEADER_BYTES;
    },
  };
}

interface FrameRange {
  readonly start: number;
  readonly end: number;
}

/** What is heard late lies late in the file, too. */
function toFrames(
  { startMs, endMs }: Span,
  durationMs: number,
  { samples, delaySamples }: Frames,
): FrameRange {
  const frameMs = toMs(samples);
  const delayMs = toMs(delaySamples);
  const count = Math.round((durationMs + delayMs) / frameMs);
  const start = Math.min(Math.floor(startMs / frameMs), count - 1);
  return { start, end: Math.min(count, Math.max(start + 1, Math.ceil((endMs + delayMs) / frameMs))) };
}

async function* readRanges(
  sound: SpeechSound,
  ranges: readonly FrameRange[],
  totalBytes: number,
): AsyncGenerator<Uint8Array> {
  const { bytes } = FRAMES[sound.format];
  if (sound.format === 'wav') yield wavHeader({ sampleRateHz: RATE_HZ }, totalBytes);
  for (const { start, end } of ranges) {
    yield* createReadStream(sound.path, { start: start * bytes, end: end * bytes - 1 });
  }
}
