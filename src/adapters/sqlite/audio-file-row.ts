import type {
  AudioFile,
  AudioFileState,
  AudioFormat,
  PlayablePart,
  TranscriptStatus,
} from '../../domain/audio-file.ts';
import { BLANK_AUDIO_FILE } from '../../domain/audio-file.ts';
import type { Parameters, Row } from './database.ts';
import { flag, number, optionalNumber, optionalText, text } from './row.ts';

/** A record as the columns of `audio_files`, by name. */
export function toAudioFileRow(file: AudioFile) {
  const { part, format } = file;
  return {
    tenant_id: file.tenantId,
    filename: file.filename,
    revision: file.revision,
    original_filename: file.originalFilename,
    title: file.title,
    description: file.description,
    tags_json: JSON.stringify(file.tags),
    artist: file.artist ?? null,
    album: file.album ?? null,
    state: file.state,
    error: file.error ?? null,
    request_id: file.requestId ?? null,
    playable_key: part?.key ?? null,
    playable_sha256: part?.sha256 ?? null,
    playable_size_bytes: part?.sizeBytes ?? null,
    audio_start_byte: part?.audioStartByte ?? null,
    audio_bytes: part?.audioBytes ?? null,
    frame_count: part?.frameCount ?? null,
    samples_per_frame: part?.samplesPerFrame ?? null,
    sample_rate_hz: part?.sampleRateHz ?? null,
    constant_bitrate: part === undefined ? null : Number(part.constantBitrate),
    bitrate_kbps: part?.bitrateKbps ?? null,
    profile_version: part?.profileVersion ?? null,
    gain_steps: part?.gainSteps ?? null,
    peak: part?.peak ?? null,
    duration_ms: file.durationMs,
    source_codec: format?.codec ?? null,
    source_sample_rate_hz: format?.sampleRateHz ?? null,
    source_channels: format?.channels ?? null,
    source_bitrate_kbps: format?.bitrateKbps ?? null,
    loudness_lufs: file.loudnessLufs ?? null,
    original_key: file.originalKey ?? null,
    cover_key: file.coverKey ?? null,
    waveform_key: file.waveformKey ?? null,
    chapter_count: file.chapterCount ?? null,
    original_size_bytes: file.originalSizeBytes,
    original_sha256: file.originalSha256,
    created_by: file.createdBy,
    transcript_status: file.transcriptStatus,
    has_transcript: Number(file.hasTranscript),
    transcript_key: file.transcriptKey ?? null,
    transcript_text: file.transcriptText ?? null,
    transcript_excerpt: file.transcriptExcerpt ?? null,
    transcript_language: file.transcriptLanguage ?? null,
    transcript_error: file.transcriptError ?? null,
    transcript_request_id: file.transcriptRequestId ?? null,
    transcribed_at_ms: file.transcribedAtMs ?? null,
    created_at_ms: file.createdAtMs,
    updated_at_ms: file.updatedAtMs,
  } satisfies Parameters;
}

// The mapping itself tells the columns, so that none can be forgotten.
export const AUDIO_FILE_COLUMNS: readonly string[] = Object.keys(toAudioFileRow(BLANK_AUDIO_FILE));

export function fromAudioFileRow(row: Row): AudioFile {
  return {
    tenantId: text(row, 'tenant_id'),
    filename: text(row, 'filename'),
    revision: number(row, 'revision'),
    originalFilename: text(row, 'original_filename'),
    title: text(row, 'title'),
    description: text(row, 'description'),
    tags: JSON.parse(text(row, 'tags_json')) as string[],
    artist: optionalText(row, 'artist'),
    album: optionalText(row, 'album'),
    state: text(row, 'state') as AudioFileState,
    error: optionalText(row, 'error'),
    requestId: optionalText(row, 'request_id'),
    part: partOf(row),
    durationMs: number(row, 'duration_ms'),
    format: formatOf(row),
    loudnessLufs: optionalNumber(row, 'loudness_lufs'),
    originalKey: optionalText(row, 'original_key'),
    coverKey: optionalText(row, 'cover_key'),
    waveformKey: optionalText(row, 'waveform_key'),
    chapterCount: optionalNumber(row, 'chapter_count'),
    originalSizeBytes: number(row, 'original_size_bytes'),
    originalSha256: text(row, 'original_sha256'),
    createdBy: text(row, 'created_by'),
    transcriptStatus: text(row, 'transcript_status') as TranscriptStatus,
    hasTranscript: flag(row, 'has_transcript'),
    transcriptKey: optionalText(row, 'transcript_key'),
    transcriptText: optionalText(row, 'transcript_text'),
    transcriptExcerpt: optionalText(row, 'transcript_excerpt'),
    transcriptLanguage: optionalText(row, 'transcript_language'),
    transcriptError: optionalText(row, 'transcript_error'),
    transcriptRequestId: optionalText(row, 'transcript_request_id'),
    transcribedAtMs: optionalNumber(row, 'transcribed_at_ms'),
    createdAtMs: number(row, 'created_at_ms'),
    updatedAtMs: number(row, 'updated_at_ms'),
  };
}

function partOf(row: Row): PlayablePart | undefined {
  const key = optionalText(row, 'playable_key');
  if (key === undefined) return undefined;
  return {
    key,
    sha256: text(row, 'playable_sha256'),
    sizeBytes: number(row, 'playable_size_bytes'),
    audioStartByte: number(row, 'audio_start_byte'),
    audioBytes: number(row, 'audio_bytes'),
    frameCount: number(row, 'frame_count'),
    samplesPerFrame: number(row, 'samples_per_frame'),
    sampleRateHz: number(row, 'sample_rate_hz'),
    constantBitrate: flag(row, 'constant_bitrate'),
    bitrateKbps: number(row, 'bitrate_kbps'),
    profileVersion: number(row, 'profile_version'),
    gainSteps: number(row, 'gain_steps'),
    peak: optionalNumber(row, 'peak'),
  };
}

function formatOf(row: Row): AudioFormat | undefined {
  const codec = optionalText(row, 'source_codec');
  if (codec === undefined) return undefined;
  return {
    codec,
    sampleRateHz: number(row, 'source_sample_rate_hz'),
    channels: number(row, 'source_channels'),
    bitrateKbps: number(row, 'source_bitrate_kbps'),
  };
}
