import { z } from 'zod';
import { AppError, isAppError } from '../../domain/app-error.ts';
import { SCOPES } from '../../domain/credentials.ts';
import { parseFilename } from '../../domain/filename.ts';
import { isScheduledQueueKey } from '../../domain/object-key.ts';
import { isObjectKey } from '../../domain/object-store.ts';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import type { PortableKind, PortableRecord, PortableValues } from '../../domain/portable-record.ts';
import { withOldTranscript } from '../../domain/old-transcript.ts';
import { MAX_TRANSCRIPT_WORDS } from '../../domain/transcript-words.ts';
import { checkQueueSize, parseStreamName } from '../../domain/stream.ts';
import { MAX_SCHEDULED_QUEUES } from '../../domain/stream-schedule.ts';
import { isTenantId } from '../../domain/tenant.ts';

// Each field as this program writes it, and no others. What becomes a path or a key anywhere is held to its own rule.

const text = z.string();
const count = z.number().int().min(0);
const timeMs = z.number().int();
const tenantId = text.refine(isTenantId, 'no id of a tenant');
const objectKey = text.refine(isObjectKey, 'no key of an object');
const filename = text.refine((value) => isUnchanged(value, parseFilename), 'no name of a file');
const streamName = text.refine((value) => isUnchanged(value, parseStreamName), 'no name of a stream');
/** Milliseconds, as a decimal number. */
const userId = text.regex(/^\d{1,16}$/, 'no id of a user');
const carried = z.record(text, z.json()).optional();
/** Folded and cut as they are kept: they become keys. */
const transcriptWord = text.regex(/^[\p{L}\p{N}\p{M}]{1,30}$/u, 'no word of a transcript');
const target = { kind: z.enum(['file', 'stream']), tenantId, name: text.min(1) };

function isUnchanged(value: string, parse: (value: string) => string): boolean {
  try {
    return parse(value) === value;
  } catch (error) {
    if (isAppError(error, 'invalid_input')) return false;
    throw error;
  }
}

const part = z.strictObject({
  key: objectKey,
  sha256: text,
  sizeBytes: count,
  audioStartByte: count,
  audioBytes: count,
  frameCount: count,
  samplesPerFrame: count,
  sampleRateHz: count,
  constantBitrate: z.boolean(),
  bitrateKbps: z.number(),
  profileVersion: count,
  gainSteps: z.number().int(),
  peak: z.number().optional(),
});

const format = z.strictObject({
  codec: text,
  sampleRateHz: count,
  channels: count,
  bitrateKbps: z.number(),
});

const frame = z.number().int().min(0);
const queueObject = text.refine(isScheduledQueueKey, 'no key of a queue');
const schedule = z.strictObject({
  startFrame: frame,
  firstEpoch: frame,
  before: z
    .array(
      z.strictObject({
        queueKey: queueObject,
        queueBytes: count,
        playMode: z.enum(PLAY_MODES),
        startFrame: frame,
        firstEpoch: frame,
        untilFrame: frame,
        untilMs: timeMs,
      }),
    )
    .max(MAX_SCHEDULED_QUEUES),
});

const SCHEMAS: { readonly [Kind in PortableKind]: z.ZodType<PortableValues[Kind]> } = {
  user: z.strictObject({
    id: userId,
    tenantId,
    username: text.min(1),
    email: text.optional(),
    passwordHash: text,
    isAdmin: z.boolean(),
    isActive: z.boolean(),
    revision: count,
    createdAtMs: timeMs,
    updatedAtMs: timeMs,
    carried,
  }),
  session: z.strictObject({
    id: text.min(1),
    tokenHash: text.min(1),
    userId: text.min(1),
    createdAtMs: timeMs,
    expiresAtMs: timeMs,
  }),
  api_key: z.strictObject({
    id: text.min(1),
    userId: text.min(1),
    name: text,
    keyHash: text.min(1),
    scopes: z.array(z.enum(SCOPES)),
    createdAtMs: timeMs,
    expiresAtMs: timeMs.optional(),
  }),
  playback_link: z.strictObject({
    ...target,
    id: text.min(1),
    createdBy: text,
    createdAtMs: timeMs,
    expiresAtMs: timeMs.optional(),
  }),
  position: z.strictObject({
    ...target,
    userId: text.min(1),
    positionMs: z.number().min(0),
    updatedAtMs: timeMs,
  }),
  setting: z.strictObject({ key: text.min(1), value: text }),
  audio_file: z
    .strictObject({
      tenantId,
      filename,
      revision: count,
      originalFilename: text,
      title: text,
      description: text,
      tags: z.array(text),
      artist: text.optional(),
      album: text.optional(),
      state: z.enum(['processing', 'ready', 'failed']),
      error: text.optional(),
      requestId: text.optional(),
      part: part.optional(),
      durationMs: z.number().min(0),
      format: format.optional(),
      loudnessLufs: z.number().optional(),
      originalKey: objectKey.optional(),
      coverKey: objectKey.optional(),
      waveformKey: objectKey.optional(),
      chapterCount: count.optional(),
      originalSizeBytes: count,
      originalSha256: text,
      createdBy: text,
      transcriptStatus: z.enum(['pending', 'processing', 'completed', 'failed', 'cancelled', 'disabled']),
      hasTranscript: z.boolean(),
      transcriptKey: objectKey.optional(),
      transcriptText: text.optional(),
      transcriptExcerpt: text.optional(),
      transcriptLanguage: text.optional(),
      transcriptError: text.optional(),
      transcriptRequestId: text.optional(),
      transcribedAtMs: timeMs.optional(),
      createdAtMs: timeMs,
      updatedAtMs: timeMs,
      carried,
      chapters: z.array(z.strictObject({ title: text, startMs: count })).max(1000),
      // Older backups have none.
      transcriptWords: z.array(transcriptWord).max(MAX_TRANSCRIPT_WORDS).default([]),
      arrival: count,
    })
    .refine(
      ({ chapters, chapterCount }) => chapters.length === (chapterCount ?? 0),
      'has not as many chapters as it says',
    ),
  retired_object: z.strictObject({ key: objectKey, sweepAtMs: timeMs }),
  stream: z.strictObject({
    tenantId,
    name: streamName,
    title: text.optional(),
    files: z.array(text).refine(fitsQueue, 'too large a queue'),
    playMode: z.enum(PLAY_MODES),
    persistence: z.enum(['permanent', 'session']),
    expiresAtMs: timeMs.optional(),
    sessionId: text.optional(),
    createdBy: text.optional(),
    updatedAtMs: timeMs.optional(),
    schedule: schedule.optional(),
  }),
};

function fitsQueue(files: readonly string[]): boolean {
  try {
    checkQueueSize(files);
    return true;
  } catch (error) {
    if (isAppError(error, 'too_large')) return false;
    throw error;
  }
}

/** A record of a backup. @throws invalid_input naming the field, never its value */
export function parsePortableRecord(kind: PortableKind, value: unknown): PortableRecord {
  const parsed = SCHEMAS[kind].safeParse(value);
  // Kind and value are of one another: the compiler cannot see it.
  if (parsed.success) return today({ kind, value: parsed.data } as PortableRecord);
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw new AppError('invalid_input', `${where}${issue?.message ?? 'invalid'}.`);
}

const today = (record: PortableRecord): PortableRecord =>
  record.kind === 'audio_file' ? { kind: 'audio_file', value: withOldTranscript(record.value) } : record;
