import { z } from 'zod';
import {
  MAX_DESCRIPTION_LENGTH,
  MAX_TAG_LENGTH,
  MAX_TAGS,
  MAX_TITLE_LENGTH,
} from '../../domain/audio-details.ts';
import type { AudioFile } from '../../domain/audio-file.ts';
import { CONFLICT_RULES } from '../../services/upload-audio.ts';
import { pagingAnswer, pagingQuery, timeSchema, toWireTime } from './paging.ts';

export const EXAMPLE = {
  filename: 'story.mp3',
  original_filename: 'story.m4a',
  title: 'The hare and the hedgehog',
  description: '',
  tags: ['bedtime'],
  artist: 'The storyteller',
  album: 'Fables',
  size: 4_823_117,
  duration: 301.453,
  url: 'http://127.0.0.1:8080/api/audio/story.mp3',
  has_cover: true,
  cover_url: 'http://127.0.0.1:8080/api/audio/story.mp3/cover',
  waveform_url: 'http://127.0.0.1:8080/api/audio/story.mp3/waveform',
  state: 'ready' as const,
  format: { codec: 'aac', sample_rate_hz: 44_100, channels: 2, bitrate_kbps: 96 },
  loudness_lufs: -16.1,
  sha256: '3a1f5c0e9d7b42688c1de0a7f4b95e21c8f60d2b7a934e15d0cb86fa172e4d39',
  original_size: 3_617_902,
  original_sha256: 'b7e23ec29af22b0b4e41da31e868d57226121c84f5a0d0c17b7b8f0c5e94a7d1',
  created_by: '1795161600000',
  transcript: { status: 'disabled' as const, has_transcript: false },
  created_at: '2026-11-21T08:30:00.000Z',
  updated_at: '2026-11-21T08:30:02.417Z',
};

const sha256Schema = z.string().meta({ description: 'SHA-256 in hexadecimal.' });

/** `File` of HTTP.md. */
export const fileFields = z.object({
  filename: z.string().meta({ description: 'Its name in the library; always ends in `.mp3`.' }),
  original_filename: z.string().meta({ description: 'As the sender named it.' }),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()).meta({ description: 'Given by people.' }),
  artist: z.string().optional().meta({ description: 'As the tags of the upload say.' }),
  album: z.string().optional().meta({ description: 'As the tags of the upload say.' }),
  size: z.int().meta({ description: 'Bytes of the playable MP3; 0 until it is ready.' }),
  duration: z.number().meta({ description: 'Seconds, exact to the frame; 0 until it is ready.' }),
  url: z.string().meta({ description: 'Where it plays. Players without a header need a playback link.' }),
  has_cover: z.boolean(),
  cover_url: z.string().optional().meta({ description: 'Absent where there is no cover.' }),
  waveform_url: z.string().optional().meta({ description: 'Absent where there are no peaks.' }),
  state: z.enum(['processing', 'ready', 'failed']),
  error: z.string().optional().meta({ description: 'Why it could not be taken in.' }),
  format: z
    .object({
      codec: z.string(),
      sample_rate_hz: z.number(),
      channels: z.number(),
      bitrate_kbps: z.number(),
    })
    .optional()
    .meta({ description: 'What the upload was; absent until it was looked into.' }),
  loudness_lufs: z.number().optional().meta({ description: 'Of the playable MP3 (EBU R128).' }),
  sha256: sha256Schema.optional().meta({ description: 'Of the playable MP3; absent until it is ready.' }),
  original_size: z.int().meta({ description: 'Bytes as uploaded.' }),
  original_sha256: sha256Schema.meta({ description: 'Of the bytes as uploaded.' }),
  created_by: z.string().meta({ description: 'Id of the user.' }),
  transcript: z.object({
    status: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled', 'disabled']),
    has_transcript: z.boolean(),
  }),
  created_at: timeSchema,
  updated_at: timeSchema,
});

export const fileSchema = fileFields.meta({ id: 'File', examples: [EXAMPLE] });
export type WireFile = z.output<typeof fileSchema>;

/** @param baseUrl without a slash at its end */
export function toWireFile(file: AudioFile, baseUrl: string): WireFile {
  const { format, part } = file;
  const url = `${baseUrl}/api/audio/${encodeURIComponent(file.filename)}`;
  return {
    filename: file.filename,
    original_filename: file.originalFilename,
    title: file.title,
    description: file.description,
    tags: [...file.tags],
    ...(file.artist !== undefined && { artist: file.artist }),
    ...(file.album !== undefined && { album: file.album }),
    size: part?.sizeBytes ?? 0,
    duration: Math.round(file.durationMs) / 1000,
    url,
    has_cover: file.coverKey !== undefined,
    ...(file.coverKey !== undefined && { cover_url: `${url}/cover` }),
    ...(file.waveformKey !== undefined && { waveform_url: `${url}/waveform` }),
    state: file.state,
    ...(file.error !== undefined && { error: file.error }),
    ...(format !== undefined && {
      format: {
        codec: format.codec,
        sample_rate_hz: format.sampleRateHz,
        channels: format.channels,
        bitrate_kbps: format.bitrateKbps,
      },
    }),
    ...(file.loudnessLufs !== undefined && { loudness_lufs: file.loudnessLufs }),
    ...(part !== undefined && { sha256: part.sha256 }),
    original_size: file.originalSizeBytes,
    original_sha256: file.originalSha256,
    created_by: file.createdBy,
    transcript: { status: file.transcriptStatus, has_transcript: file.hasTranscript },
    created_at: toWireTime(file.createdAtMs),
    updated_at: toWireTime(file.updatedAtMs),
  };
}

/** The name is checked by the library's one rule, which a pattern would say only in part. */
export const fileParams = z.object({
  filename: z.string().meta({ description: 'Ends in `.mp3`.', examples: ['story.mp3'] }),
});

/** `1`, `true` or nothing after the name say yes. */
export const flag = z
  .enum(['', '0', '1', 'false', 'true'])
  .optional()
  .transform((value) => value !== undefined && value !== '0' && value !== 'false');

/** A thousand years: arithmetic stays exact to the frame. */
const MAX_FROM_S = 31_557_600_000;

/** Where playing starts. */
export const fromSchema = z
  .string()
  .regex(/^\d{1,11}(\.\d{1,9})?$/, 'Seconds, 0 or more.')
  .meta({ examples: ['90.5'] })
  .transform(Number)
  .refine((seconds) => seconds <= MAX_FROM_S, 'Nothing plays for so long.')
  .optional()
  .meta({
    description:
      'Seconds; rounded down to a frame. What begins there is an MP3 of its own, with its own `ETag`.',
  });

export const listQuery = z.object({
  ...pagingQuery,
  limit: pagingQuery.limit.unwrap().default(100),
  sort: z.enum(['name', 'created', 'duration']).default('name').meta({
    description: '`name` by code point, `created` newest first, `duration` longest first.',
  }),
  status: z.enum(['processing', 'ready', 'failed']).optional(),
});

export const listAnswer = z.object({ files: z.array(fileSchema), ...pagingAnswer });

export const searchQuery = z.object({
  query: z
    .string()
    .max(500)
    .optional()
    .meta({ examples: ['hare hedgehog'] }),
  q: z.string().max(500).optional().meta({ description: 'The same as `query`, in short.' }),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

export const searchAnswer = z.object({
  query: z.string(),
  results: z.array(
    fileFields.extend({
      matches: z.array(
        z.object({
          field: z.string().meta({ examples: ['title', 'transcript'] }),
          snippet: z.string().meta({ description: 'Matching words stand between `**`.' }),
          start_s: z.number().optional().meta({ description: 'Where it is said, in a transcript.' }),
        }),
      ),
    }),
  ),
  count: z.int(),
});

export const editBody = z
  .strictObject({
    title: z
      .string()
      .optional()
      .meta({ description: `At most ${MAX_TITLE_LENGTH} characters.` }),
    description: z
      .string()
      .optional()
      .meta({ description: `At most ${MAX_DESCRIPTION_LENGTH} characters.` }),
    tags: z
      .array(z.string())
      .optional()
      .meta({ description: `At most ${MAX_TAGS}, of at most ${MAX_TAG_LENGTH} characters.` }),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'Say what to change.')
  .meta({ examples: [{ title: 'The hare and the hedgehog', tags: ['bedtime', 'fables'] }] });

export const deleteQuery = z.object({
  force: flag.meta({ description: 'Also when streams use it; they keep its name in their queue.' }),
});

export const uploadQuery = z.object({
  on_conflict: z.enum(CONFLICT_RULES).default('refuse').meta({
    description: 'When the name is taken. `rename` and `replace` also store the same content again.',
  }),
});

export const duplicateAnswer = fileFields.extend({
  duplicate: z
    .literal(true)
    .meta({ description: 'The library has this content already; nothing was stored.' }),
});

export const acceptedAnswer = z.object({
  request_id: z.string(),
  status: z.enum(['PENDING', 'PROCESSING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED']),
  file: fileSchema,
});

/** Ten years: nothing in a library is longer. */
const MAX_POSITION_S = 315_576_000;

export const positionBody = z
  .strictObject({ position_s: z.number().min(0).max(MAX_POSITION_S) })
  .meta({ examples: [{ position_s: 754.2 }] });

export const positionAnswer = z
  .object({ position_s: z.number().meta({ description: 'Seconds from the start.' }), updated_at: timeSchema })
  .meta({ id: 'Position', examples: [{ position_s: 754.2, updated_at: '2026-11-21T20:15:00.000Z' }] });
