import type { AudioProfile, EncodeOptions } from '../../domain/media-tool.ts';
import type { DecodeSection } from './decode-sections.ts';
import type { EncodeSection } from './encode-sections.ts';
import { PCM_DESCRIPTOR, PROGRESS_DESCRIPTOR } from './ffmpeg-command.ts';
import { METER_RATE_HZ } from './sound-summary.ts';

/**
 * Demuxers that content may be handed to, by ffmpeg's names: containers and raw streams of audio. What is not here
 * is refused even when its content is recognised, above all those that open other files (hls, dash, concat, image2,
 * sdp, …) and those that take any text for something to show (tty, subtitles).
 */
export const AUDIO_DEMUXERS: readonly string[] = [
  ...['mp3', 'aac', 'ac3', 'eac3', 'dts', 'truehd', 'loas', 'amr', 'amrnb', 'amrwb'], // raw streams; mp3 reads mp2 too
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2'], // MP4 family: M4A, M4B, ALAC
  ...['matroska', 'webm', 'ogg', 'asf', 'mpegts'], // MKA, WebM; Vorbis, Opus, Speex; WMA; broadcast
  ...['wav', 'w64', 'aiff', 'caf', 'au', 'voc', 'ircam', 'sox', 'iff'], // PCM and its kin; iff reads DSDIFF
  ...['flac', 'ape', 'tta', 'wv', 'tak', 'mpc', 'mpc8', 'dsf'], // lossless, Musepack
];

/** The largest block that ffmpeg may allocate at once: room for the sample table of a long M4B, not for a bomb. */
const MAX_ALLOCATION_BYTES = 512 * 1024 * 1024;
/** -1.5 dBFS, as a factor. */
const LIMIT = 10 ** (-1.5 / 20);
/** The limiter looks this far ahead, and delays by as much. */
const LOOKAHEAD_MS = 5;

/** Up to a bit rate, by which factor LAME's presets lower the level of what they encode (3.100, presets.c: `scale`;
 * measured: 0.950, 0.970). It is taken back here, or everything would come out half a decibel below the target. */
const LAME_SCALES: readonly { readonly maxKbps: number; readonly scale: number }[] = [
  { maxKbps: 160, scale: 0.95 },
  { maxKbps: 192, scale: 0.97 },
];

/**
 * Everything up to the choice of the stream. The path is named as a file, so that no part of it is a protocol.
 * @param mp3StartByte where to begin in an MP3; else it is found out what the file is
 */
export function inputArguments(inputPath: string, mp3StartByte = 0): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'info', '-y'],
    ...['-max_alloc', String(MAX_ALLOCATION_BYTES)],
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', AUDIO_DEMUXERS.join(',')],
    ...(mp3StartByte > 0 ? ['-skip_initial_bytes', String(mp3StartByte), '-f', 'mp3'] : []),
    ...['-i', `file:${inputPath}`],
  ];
}

/** Of an output: nothing but sound, and that without what its file tells about itself. */
const ONLY_SOUND = ['-vn', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'];
const PROGRESS = ['-progress', `pipe:${PROGRESS_DESCRIPTOR}`];
const FIRST_SOUND = ['-map', '0:a:0', ...ONLY_SOUND];

/** `output` is a codec with its muxer; what `filters` report comes among the rest. */
export function soundArguments(
  seconds: number,
  filters: readonly string[],
  output: readonly string[],
  outputPath: string,
): string[] {
  return [
    ...FIRST_SOUND,
    ...['-af', filters.join(','), '-t', String(seconds)],
    ...[...PROGRESS, ...output, `file:${outputPath}`],
  ];
}

/** Decodes up to `seconds` and throws the sound away. */
export function decodeArguments(seconds: number): string[] {
  return [...FIRST_SOUND, '-t', String(seconds), ...PROGRESS, '-f', 'null', '-'];
}

/** What the meter takes: two channels in the library's rate, as integers of 16 bits, which are half the bytes of floats
 * on their way; at half their height, so that peaks above full scale are seen. */
const METER_FORMAT = [
  'volume=0.5:precision=float',
  `aformat=sample_fmts=s16:sample_rates=${METER_RATE_HZ}:channel_layouts=stereo`,
];
/** In pieces of 64 KiB: a frame of an MP3 is so short that passing it on costs more than measuring it. */
const METER_PIECES = 'asetnsamples=n=16384:p=0';
const PCM_OUTPUT = ['-c:a', 'pcm_s16le', '-f', 's16le', `pipe:${PCM_DESCRIPTOR}`];

/** Passes up to `seconds` of sound to PCM_DESCRIPTOR, as the meter takes it: of all that is decoded, or of a section. */
export function meterArguments(seconds: number, section?: DecodeSection): string[] {
  const trimmed = section === undefined ? [] : trimFilters(section.startSample, section.endSample);
  return [
    ...FIRST_SOUND,
    ...['-af', [...METER_FORMAT, ...trimmed, METER_PIECES].join(','), '-t', String(seconds)],
    ...[...PROGRESS, ...PCM_OUTPUT],
  ];
}

/** Encodes all or a section; what comes out of a limiter goes to PCM_DESCRIPTOR too, as the meter takes it. */
export function encodeArguments(
  encode: EncodeOptions,
  seconds: number,
  outputPath: string,
  section?: EncodeSection,
): string[] {
  const { profile, limit } = encode;
  const mp3 = [
    ...['-t', String(seconds)],
    ...['-c:a', 'libmp3lame', '-b:a', `${profile.bitrateKbps}k`, '-reservoir', '0', '-joint_stereo', '1'],
    ...['-ar', String(profile.sampleRateHz), '-ac', String(profile.channels), '-bitexact'],
    ...['-id3v2_version', '0', '-write_id3v1', '0', '-write_xing', '0'],
    ...[...PROGRESS, '-f', 'mp3', `file:${outputPath}`],
  ];
  if (!limit) return [...FIRST_SOUND, '-af', levelFilters(encode, 'float', section).join(','), ...mp3];
  const metered = section === undefined ? [] : trimFilters(section.meterStartSample, section.meterEndSample);
  const graph = [
    `[0:a:0]${[...levelFilters(encode, 'double', section), 'asplit'].join(',')}[sound][heard]`,
    // After the limiter, so that its ceiling is that of the sound which LAME encodes.
    `[sound]${scaleFilters(profile, 'double').join(',') || 'anull'}[encoded]`,
    `[heard]${[...METER_FORMAT, ...metered, METER_PIECES].join(',')}[metered]`,
  ];
  return [
    ...['-filter_complex', graph.join(';'), '-map', '[encoded]', ...ONLY_SOUND, ...mp3],
    ...['-map', '[metered]', ...ONLY_SOUND, '-t', String(seconds), ...PCM_OUTPUT],
  ];
}

/** The limiter works on doubles; what needs none stays in the floats that LAME takes. */
type Precision = 'float' | 'double';

function levelFilters(
  { profile, gainDb, limit }: EncodeOptions,
  precision: Precision,
  section?: EncodeSection,
): string[] {
  const filters = [profileFormat(profile, precision === 'float' ? 'fltp' : 'dbl')];
  // Behind the resampler, so that a section's samples are those of the whole.
  if (section !== undefined) filters.push(...trimFilters(section.startSample, section.endSample));
  if (gainDb !== 0) filters.push(`volume=${gainDb.toFixed(2)}dB:precision=${precision}`);
  if (!limit) return [...filters, ...scaleFilters(profile, precision)];
  // The limiter's own make-up gain is off. Its delay is cut off again, and the sound that it still held pushed out.
  const delaySamples = Math.floor((profile.sampleRateHz * LOOKAHEAD_MS) / 1000);
  return [
    ...filters,
    `apad=pad_len=${delaySamples}`,
    `alimiter=limit=${LIMIT.toFixed(4)}:attack=${LOOKAHEAD_MS}:release=50:level=false`,
    `atrim=start_sample=${delaySamples}`,
    'asetpts=PTS-STARTPTS',
  ];
}

/** @param end Infinity for all that comes */
function trimFilters(start: number, end: number): string[] {
  const until = Number.isFinite(end) ? `:end_sample=${end}` : '';
  return [`atrim=start_sample=${start}${until}`, 'asetpts=N/SR/TB'];
}

function scaleFilters({ bitrateKbps }: AudioProfile, precision: Precision): string[] {
  const scale = LAME_SCALES.find(({ maxKbps }) => bitrateKbps <= maxKbps)?.scale ?? 1;
  return scale === 1 ? [] : [`volume=${(1 / scale).toFixed(5)}:precision=${precision}`];
}

function profileFormat(profile: AudioProfile, sampleFormat: 'fltp' | 'dbl'): string {
  const layout = profile.channels === 1 ? 'mono' : 'stereo';
  return `aformat=sample_fmts=${sampleFormat}:sample_rates=${profile.sampleRateHz}:channel_layouts=${layout}`;
}
