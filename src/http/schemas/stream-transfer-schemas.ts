import { z } from 'zod';
import type { StoredStream } from '../../domain/stream.ts';
import { decodeSchedule, encodeSchedule } from '../../domain/stream-schedule.ts';
import { IMPORT_CONFLICT_RULES } from '../../services/import-streams.ts';
import type { ImportedStream, ImportResult } from '../../services/import-streams.ts';
import { timeSchema, toWireTime } from './paging.ts';

export const EXPORT_FORMAT = 'earshot-streams';
export const EXPORT_VERSION = 1;

const MAX_IMPORTED_STREAMS = 10_000;
/** Of a name in an old definition, which may not keep today's rule. */
const MAX_NAME_LENGTH = 1000;

/** A definition on the move. The first three are what the predecessor kept; whatever else it says is passed over. */
const definitionSchema = z.object({
  name: z.string().max(MAX_NAME_LENGTH),
  files: z.array(z.string().max(MAX_NAME_LENGTH)),
  loop: z.boolean().optional(),
  play_mode: z.string().optional(),
  title: z.string().optional(),
  persistence: z.enum(['permanent', 'session']).optional(),
  expires_at: timeSchema.optional(),
  schedule: z
    .unknown()
    .refine((value) => value === undefined || decodeSchedule(value) !== null, 'No schedule.')
    .optional()
    .meta({
      description:
        'Of an endless stream that was edited while it played: from which frame of the clock on which queue is heard. A new stream takes over how far it has come.',
    }),
});
type WireDefinition = z.output<typeof definitionSchema>;

const EXAMPLE = { name: 'my-story', files: ['story.mp3'], loop: false, play_mode: 'sequential' };

export const exportAnswer = z
  .object({
    format: z.literal(EXPORT_FORMAT),
    version: z.literal(EXPORT_VERSION),
    streams: z.array(definitionSchema),
  })
  .meta({ examples: [{ format: EXPORT_FORMAT, version: EXPORT_VERSION, streams: [EXAMPLE] }] });

export function toWireDefinition(stream: StoredStream): WireDefinition {
  const { name, files, playMode, title, persistence, expiresAtMs, schedule } = stream;
  return {
    name,
    files: [...files],
    loop: playMode === 'loop',
    play_mode: playMode,
    ...(title !== undefined && { title }),
    persistence,
    ...(expiresAtMs !== undefined && { expires_at: toWireTime(expiresAtMs) }),
    ...(schedule !== undefined && { schedule: encodeSchedule(schedule) }),
  };
}

const manySchema = z.array(definitionSchema).max(MAX_IMPORTED_STREAMS);

/** What was exported, a list of definitions, or the content of one old `*.json` file. */
export const importBody = z
  .union([
    z.object({
      format: z.literal(EXPORT_FORMAT).optional(),
      version: z.literal(EXPORT_VERSION).optional(),
      streams: manySchema,
    }),
    manySchema,
    definitionSchema,
  ])
  .meta({ examples: [{ streams: [EXAMPLE] }, { name: 'my-story', files: ['story.mp3'], loop: true }] });

export function toImportedStreams(body: z.output<typeof importBody>): ImportedStream[] {
  const definitions = Array.isArray(body) ? body : 'streams' in body ? body.streams : [body];
  return definitions.map(({ name, files, loop, play_mode, title, persistence, expires_at, schedule }) => ({
    name,
    files,
    loop,
    playMode: play_mode,
    title,
    persistence,
    expiresAtMs: expires_at === undefined ? undefined : Date.parse(expires_at),
    schedule: decodeSchedule(schedule) ?? undefined,
  }));
}

export const importQuery = z.object({
  on_conflict: z
    .enum(IMPORT_CONFLICT_RULES)
    .default('skip')
    .meta({ description: 'What becomes of a stream that is there already.' }),
});

export const importAnswer = z
  .object({
    success: z.boolean().meta({ description: 'Whether none failed.' }),
    created: z.int(),
    replaced: z.int(),
    skipped: z.int(),
    failed: z.int(),
    results: z.array(
      z.object({
        name: z.string(),
        result: z.enum(['created', 'replaced', 'skipped', 'failed']),
        missing: z
          .array(z.string())
          .meta({ description: 'Files that the library does not have; they stay in the queue.' }),
        error: z.object({ code: z.string(), message: z.string() }).optional(),
      }),
    ),
  })
  .meta({
    examples: [
      {
        success: true,
        created: 1,
        replaced: 0,
        skipped: 0,
        failed: 0,
        results: [{ name: 'my-story', result: 'created', missing: [] }],
      },
    ],
  });

export function toWireImport(results: readonly ImportResult[]): z.output<typeof importAnswer> {
  const count = (kind: ImportResult['result']) => results.filter(({ result }) => result === kind).length;
  return {
    success: count('failed') === 0,
    created: count('created'),
    replaced: count('replaced'),
    skipped: count('skipped'),
    failed: count('failed'),
    results: results.map(({ name, result, missing, error }) => ({
      name,
      result,
      missing: [...missing],
      ...(error !== undefined && { error: { code: error.code, message: error.message } }),
    })),
  };
}
