import { z } from 'zod';
import { MAX_TITLE_LENGTH } from '../../domain/audio-details.ts';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import { MAX_QUEUE_ENTRIES } from '../../domain/stream.ts';
import type { QueueView } from '../../services/stream-queue.ts';
import { MAX_TTL_S } from '../../services/stream-settings.ts';
import type { StreamSettings } from '../../services/stream-settings.ts';
import { pagingAnswer, timeSchema, toWireTime } from './paging.ts';

const QUEUE_EXAMPLE = {
  name: 'my-story',
  title: 'Good night',
  files: ['story.mp3', 'chapter2.mp3'],
  loop: false,
  play_mode: 'sequential' as const,
  file_count: 2,
  duration: 612.388,
  persistence: 'permanent' as const,
  revision: '5f1d8a0c7be24f6c',
  updated_at: '2026-11-21T08:30:00.000Z',
};

/** The name is checked by the one rule of stream names. */
export const streamParams = z.object({
  name: z.string().meta({ description: '1 to 100 letters, digits, `-` and `_`.', examples: ['my-story'] }),
});

const playModeSchema = z.enum(PLAY_MODES).meta({ examples: ['shuffle'] });
const persistenceSchema = z.enum(['permanent', 'session']);
const loopSchema = z.boolean().meta({ description: 'Whether `play_mode` is `loop`.' });

/** What every answer says of a stream. */
const summary = {
  name: z.string(),
  title: z.string().optional(),
  play_mode: playModeSchema,
  file_count: z.int(),
  duration: z.number().meta({ description: 'Seconds of the files that are ready.' }),
  persistence: persistenceSchema,
  expires_at: timeSchema.optional().meta({ description: 'When a stream with a time to live goes.' }),
  updated_at: timeSchema.optional().meta({ description: 'Absent in definitions of the predecessor.' }),
  live_from: timeSchema.optional().meta({
    description:
      'From when on `live=1` and `playlist.m3u8` play this queue, where it was edited while another played.',
  }),
};

export const queueSchema = z
  .object({
    ...summary,
    files: z.array(z.string()),
    loop: loopSchema,
    revision: z.string().meta({ description: 'Another one whenever the definition is another.' }),
  })
  .meta({ id: 'Queue', examples: [QUEUE_EXAMPLE] });
export type WireQueue = z.output<typeof queueSchema>;

function toWireSummary({ stream, durationMs }: QueueView) {
  const { name, title, playMode, files, persistence, expiresAtMs, updatedAtMs, schedule } = stream;
  const liveFromMs = schedule?.before.at(-1)?.untilMs;
  return {
    name,
    ...(title !== undefined && { title }),
    play_mode: playMode,
    file_count: files.length,
    duration: toSeconds(durationMs),
    persistence,
    ...(expiresAtMs !== undefined && { expires_at: toWireTime(expiresAtMs) }),
    ...(updatedAtMs !== undefined && { updated_at: toWireTime(updatedAtMs) }),
    ...(liveFromMs !== undefined && { live_from: toWireTime(liveFromMs) }),
  };
}

export const toWireQueue = (view: QueueView): WireQueue => ({
  ...toWireSummary(view),
  files: [...view.stream.files],
  loop: view.stream.playMode === 'loop',
  revision: view.stream.revision,
});

export const toSeconds = (ms: number): number => Math.round(ms) / 1000;

export const listAnswer = z
  .object({
    queues: z.array(z.object(summary)),
    ...pagingAnswer,
    storage: z.object({
      kind: z.enum(['memory', 'file', 'sqlite', 'dynamodb', 's3']),
      persistent: z.boolean().meta({ description: 'Whether streams outlive the process.' }),
      detail: z.string().optional().meta({ description: 'Why they do not although they were meant to.' }),
    }),
  })
  .meta({
    examples: [
      {
        queues: [withoutFiles(QUEUE_EXAMPLE)],
        count: 1,
        storage: { kind: 'file', persistent: true },
      },
    ],
  });

function withoutFiles(queue: typeof QUEUE_EXAMPLE) {
  const { files: _files, loop: _loop, revision: _revision, ...rest } = queue;
  return rest;
}

export const toWireListItem = toWireSummary;

/** An unknown mode is refused by the rule that lists those there are. */
const settings = {
  play_mode: z
    .string()
    .optional()
    .meta({
      description: `One of ${PLAY_MODES.map((mode) => `\`${mode}\``).join(', ')}.`,
      examples: ['shuffle'],
    }),
  loop: z
    .boolean()
    .optional()
    .meta({ description: '`true` means `play_mode: loop`; `play_mode` decides when both are there.' }),
  title: z
    .string()
    .optional()
    .meta({ description: `At most ${MAX_TITLE_LENGTH} characters; empty takes it away.` }),
  persistence: persistenceSchema.optional().meta({
    description: 'A `session` stream goes when its maker’s login ends, or at its time to live.',
  }),
  ttl_s: z
    .int()
    .min(1)
    .max(MAX_TTL_S)
    .optional()
    .meta({ description: 'Seconds from now; makes it a `session` stream.' }),
};

type WireSettings = z.output<z.ZodObject<typeof settings>>;

export const toSettings = ({ play_mode, loop, title, persistence, ttl_s }: WireSettings): StreamSettings => ({
  playMode: play_mode,
  loop,
  title,
  persistence,
  ttlS: ttl_s,
});

export const queueBody = z
  .strictObject({
    files: z
      .array(z.string())
      .meta({ description: `Names in the library; a queue has at most ${MAX_QUEUE_ENTRIES}.` }),
    ...settings,
  })
  .meta({ examples: [{ files: ['story.mp3', 'chapter2.mp3'] }] });

export const editBody = z
  .strictObject(settings)
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'Say what to change.')
  .meta({ examples: [{ play_mode: 'shuffle', title: 'Good night' }] });

export const reorderBody = z
  .strictObject({ old_index: z.int(), new_index: z.int() })
  .meta({ description: 'From 0.', examples: [{ old_index: 0, new_index: 1 }] });

export const indexParams = streamParams.extend({
  index: z
    .string()
    .regex(/^-?\d{1,9}$/, 'A whole number.')
    .transform(Number)
    .meta({ description: 'From 0.', examples: ['0'] }),
});

export const guardHeaders = z.object({
  'if-match': z
    .string()
    .optional()
    .meta({ description: 'The revision in quotes, or the `ETag`: edits nothing newer.' }),
});

export const editedAnswer = z
  .object({ success: z.literal(true), message: z.string(), queue: queueSchema })
  .meta({ examples: [{ success: true, message: 'Added 2 files to "my-story".', queue: QUEUE_EXAMPLE }] });
