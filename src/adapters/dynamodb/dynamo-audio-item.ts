import type {
  AudioFile,
  AudioFileState,
  AudioFormat,
  PlayablePart,
  TranscriptStatus,
} from '../../domain/audio-file.ts';
import { BLANK_AUDIO_FILE } from '../../domain/audio-file.ts';
import { parseOldDate } from '../../domain/old-library.ts';
import { DEFAULT_TENANT } from '../../domain/tenant.ts';
import { audioKey, indexKeysOf } from './dynamo-audio-keys.ts';
import type { Item } from './dynamo-table.ts';
import {
  dateMs,
  isoDate,
  number,
  optionalDateMs,
  optionalNumber,
  optionalText,
  text,
} from './item-fields.ts';

/** What the store itself keeps of a record, beside what the domain knows. */
export interface AudioBookkeeping {
  /** Rises with each file that comes; the newest of equal hits is found first. */
  readonly arrival: number;
  /** Names the search terms that are this record's; other ones when the words are others. */
  readonly termsId: string;
  /** The same of its transcript; absent where there is nothing to find. */
  readonly spokenTermsId?: string | undefined;
}

/** A record as an item. `size` and `duration` (seconds, NULL for none) are there for older programs that read them. */
export function toAudioItem(file: AudioFile, { arrival, termsId, spokenTermsId }: AudioBookkeeping): Item {
  const { part, format } = file;
  return {
    ...audioKey(file.tenantId, file.filename),
    ...indexKeysOf(file),
    tenant_id: file.tenantId,
    filename: file.filename,
    revision: file.revision,
    arrival,
    terms_id: termsId,
    transcript_terms_id: spokenTermsId,
    original_filename: file.originalFilename,
    title: file.title,
    description: file.description,
    tags: file.tags,
    artist: file.artist,
    album: file.album,
    state: file.state,
    error: file.error,
    request_id: file.requestId,
    playable_key: part?.key,
    playable_sha256: part?.sha256,
    playable_size: part?.sizeBytes,
    audio_start_byte: part?.audioStartByte,
    audio_bytes: part?.audioBytes,
    frame_count: part?.frameCount,
    samples_per_frame: part?.samplesPerFrame,
    sample_rate_hz: part?.sampleRateHz,
    constant_bitrate: part?.constantBitrate,
    bitrate_kbps: part?.bitrateKbps,
    profile_version: part?.profileVersion,
    gain_steps: part?.gainSteps,
    peak: part?.peak,
    size: part?.sizeBytes ?? file.originalSizeBytes,
    duration: file.durationMs === 0 ? null : file.durationMs / 1000,
    duration_ms: file.durationMs,
    source_codec: format?.codec,
    source_sample_rate_hz: format?.sampleRateHz,
    source_channels: format?.channels,
    source_bitrate_kbps: format?.bitrateKbps,
    loudness_lufs: file.loudnessLufs,
    original_key: file.originalKey,
    cover_key: file.coverKey,
    waveform_key: file.waveformKey,
    chapter_count: file.chapterCount,
    original_size: file.originalSizeBytes,
    original_sha256: file.originalSha256,
    created_by: file.createdBy,
    transcript_status: file.transcriptStatus,
    has_transcript: file.hasTranscript,
    transcript_key: file.transcriptKey,
    transcript: file.transcriptText,
    transcript_excerpt: file.transcriptExcerpt,
    transcript_language: file.transcriptLanguage,
    transcript_error: file.transcriptError,
    transcript_request_id: file.transcriptRequestId,
    transcribed_at: file.transcribedAtMs === undefined ? undefined : isoDate(file.transcribedAtMs),
    created_at: isoDate(file.createdAtMs),
    updated_at: isoDate(file.updatedAtMs),
  };
}

/** null for an item that an older program wrote: it has no terms, index keys or look-up items. */
export function bookkeepingOf(item: Item): AudioBookkeeping | null {
  const termsId = optionalText(item, 'terms_id');
  if (termsId === undefined) return null;
  return {
    termsId,
    spokenTermsId: optionalText(item, 'transcript_terms_id'),
    arrival: number(item, 'arrival'),
  };
}

// The mapping itself tells what it writes, so that none can be forgotten.
const WRITTEN: ReadonlySet<string> = new Set(
  Object.keys(toAudioItem(BLANK_AUDIO_FILE, { arrival: 0, termsId: '' })),
);

/** Attributes that others have put there, an older program's transcript above all: a save leaves them as they are. */
export const foreignAttributes = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !WRITTEN.has(name)));

/** Reads what `toAudioItem` wrote, and every item of an older program; its revision is 0. */
export function fromAudioItem(item: Item): AudioFile {
  const filename = text(item, 'filename');
  const createdAtMs = optionalDateMs(item, 'created_at') ?? optionalDateMs(item, 'updated_at') ?? 0;
  return {
    tenantId: optionalText(item, 'tenant_id') ?? DEFAULT_TENANT,
    filename,
    revision: optionalNumber(item, 'revision') ?? 0,
    originalFilename: optionalText(item, 'original_filename') ?? filename,
    title: optionalText(item, 'title') ?? '',
    description: optionalText(item, 'description') ?? '',
    tags: (item['tags'] ?? []) as readonly string[],
    artist: optionalText(item, 'artist'),
    album: optionalText(item, 'album'),
    state: (optionalText(item, 'state') ?? 'ready') as AudioFileState,
    error: optionalText(item, 'error'),
    requestId: optionalText(item, 'request_id'),
    part: partOf(item),
    durationMs: optionalNumber(item, 'duration_ms') ?? (optionalNumber(item, 'duration') ?? 0) * 1000,
    format: formatOf(item),
    loudnessLufs: optionalNumber(item, 'loudness_lufs'),
    originalKey: optionalText(item, 'original_key'),
    coverKey: optionalText(item, 'cover_key'),
    waveformKey: optionalText(item, 'waveform_key'),
    chapterCount: optionalNumber(item, 'chapter_count'),
    originalSizeBytes: optionalNumber(item, 'original_size') ?? optionalNumber(item, 'size') ?? 0,
    originalSha256: optionalText(item, 'original_sha256') ?? '',
    createdBy: optionalText(item, 'created_by') ?? '',
    transcriptStatus: transcriptStatusOf(item),
    hasTranscript: hasTranscript(item),
    transcriptKey: filledText(item, 'transcript_key'),
    transcriptText: filledText(item, 'transcript'),
    transcriptExcerpt: filledText(item, 'transcript_excerpt'),
    transcriptLanguage: filledText(item, 'transcript_language'),
    transcriptError: filledText(item, 'transcript_error'),
    transcriptRequestId: filledText(item, 'transcript_request_id'),
    transcribedAtMs: parseOldDate(filledText(item, 'transcribed_at')),
    createdAtMs,
    updatedAtMs: item['updated_at'] == null ? createdAtMs : dateMs(item, 'updated_at'),
  };
}

/** Older programs wrote `error` for failed. */
function transcriptStatusOf(item: Item): TranscriptStatus {
  const status = optionalText(item, 'transcript_status') ?? 'disabled';
  return status === 'error' ? 'failed' : (status as TranscriptStatus);
}

const hasTranscript = (item: Item): boolean =>
  typeof item['has_transcript'] === 'boolean'
    ? item['has_transcript']
    : filledText(item, 'transcript') !== undefined;

/** Older programs wrote NULL and empty texts for what there is none of. */
const filledText = (item: Item, name: string): string | undefined => optionalText(item, name) || undefined;

function partOf(item: Item): PlayablePart | undefined {
  const key = optionalText(item, 'playable_key');
  if (key === undefined) return undefined;
  return {
    key,
    sha256: text(item, 'playable_sha256'),
    sizeBytes: number(item, 'playable_size'),
    audioStartByte: number(item, 'audio_start_byte'),
    audioBytes: number(item, 'audio_bytes'),
    frameCount: number(item, 'frame_count'),
    samplesPerFrame: number(item, 'samples_per_frame'),
    sampleRateHz: number(item, 'sample_rate_hz'),
    constantBitrate: item['constant_bitrate'] === true,
    bitrateKbps: number(item, 'bitrate_kbps'),
    profileVersion: number(item, 'profile_version'),
    gainSteps: number(item, 'gain_steps'),
    peak: optionalNumber(item, 'peak'),
  };
}

function formatOf(item: Item): AudioFormat | undefined {
  const codec = optionalText(item, 'source_codec');
  if (codec === undefined) return undefined;
  return {
    codec,
    sampleRateHz: number(item, 'source_sample_rate_hz'),
    channels: number(item, 'source_channels'),
    bitrateKbps: number(item, 'source_bitrate_kbps'),
  };
}
