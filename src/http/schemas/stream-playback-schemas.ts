import { z } from 'zod';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import { MAX_SLEEP_MS, MIN_SLEEP_MS, SLEEP_MODES } from '../../audio/sleep.ts';
import type { SleepTimer } from '../../audio/sleep.ts';
import type { StreamPreview } from '../../services/preview-stream.ts';
import { flag, fromSchema } from './audio-schemas.ts';
import { toSeconds } from './stream-schemas.ts';

const MAX_UINT32 = 0xffff_ffff;

export const seedSchema = z
  .string()
  .regex(/^\d{1,10}$/, 'A whole number from 0 to 4294967295.')
  .meta({ examples: ['7'] })
  .transform(Number)
  .refine((seed) => seed <= MAX_UINT32, 'A whole number from 0 to 4294967295.')
  .optional()
  .meta({ description: 'Of a shuffle: a uint32. Without it, the listener and the day decide.' });

const SLEEP_BOUNDS = `Seconds, ${MIN_SLEEP_MS / 1000} to ${MAX_SLEEP_MS / 1000}.`;

const sleepSchema = z
  .string()
  .regex(/^\d{1,5}(\.\d{1,3})?$/, SLEEP_BOUNDS)
  .meta({ examples: ['1800'] })
  .transform((seconds) => Math.round(Number(seconds) * 1000))
  .refine((ms) => ms >= MIN_SLEEP_MS && ms <= MAX_SLEEP_MS, SLEEP_BOUNDS)
  .optional()
  .meta({
    description: `Makes any mode finite, with length, ranges and an \`ETag\` of its own: it ends with what plays after so many seconds, and its last 20 seconds fade out. ${SLEEP_BOUNDS} Counted from where playing starts; not for what is live. A stream that ends before is as it is.`,
  });

const orderQuery = {
  play_mode: z
    .string()
    .optional()
    .meta({
      description: `Instead of the stream’s own: ${PLAY_MODES.map((mode) => `\`${mode}\``).join(', ')}.`,
      examples: ['shuffle'],
    }),
  seed: seedSchema,
  skip_missing: flag.meta({ description: 'Leaves out files that are missing, instead of 409.' }),
  from: fromSchema,
  sleep_s: sleepSchema,
  sleep_mode: z
    .enum(SLEEP_MODES)
    .default('track')
    .meta({
      description: 'Of `sleep_s`: the end of the `track`, or `exact`, to the frame.',
      examples: ['exact'],
    }),
};

export const planQuery = z.object(orderQuery);

export const playQuery = z.object({
  ...orderQuery,
  token: z.string().optional().meta({ description: 'Of a playback link.' }),
  live: flag.meta({ description: 'Endless modes: starts where the clock is, in step with everybody.' }),
});

type OrderQuery = z.output<typeof planQuery>;

/** What decides what is heard, as services have it. */
export function toOrder({ play_mode, seed, skip_missing, from, sleep_s, sleep_mode }: OrderQuery) {
  const sleep: SleepTimer | undefined = sleep_s === undefined ? undefined : { ms: sleep_s, mode: sleep_mode };
  return {
    playMode: play_mode,
    seed,
    skipMissing: skip_missing,
    fromMs: from === undefined ? undefined : from * 1000,
    sleep,
  };
}

/** All others stay as they are. */
export const playHeaders = z.looseObject({
  'icy-metadata': z
    .string()
    .optional()
    .meta({
      description:
        '`1`: the titles of what plays stand between the bytes of an endless mode, every `icy-metaint` bytes. Of no meaning where there is an end.',
      examples: ['1'],
    }),
});

export const planAnswer = z
  .object({
    name: z.string(),
    play_mode: z.enum(PLAY_MODES),
    seed: z.int().optional().meta({ description: 'Of shuffled modes.' }),
    endless: z.boolean().meta({ description: 'Then the plan is one turn through the queue.' }),
    tracks: z.array(
      z.object({
        index: z.int(),
        filename: z.string(),
        title: z.string(),
        cover_url: z.string().optional().meta({ description: 'Absent where there is no cover.' }),
        start_s: z.number(),
        duration: z.number(),
        start_byte: z.int(),
        length: z.int().meta({ description: 'Bytes.' }),
        chapters: z
          .array(z.object({ title: z.string(), start_s: z.number() }))
          .optional()
          .meta({ description: 'Where they begin in the stream; the first 10,000 of all tracks.' }),
      }),
    ),
    count: z.int().meta({ description: 'Of all tracks: of more than 10,000, the first are listed.' }),
    duration: z.number(),
    total_bytes: z.int(),
    etag: z
      .string()
      .optional()
      .meta({ description: 'That of `stream.mp3` with the same parameters; endless modes have none.' }),
  })
  .meta({
    examples: [
      {
        name: 'my-story',
        play_mode: 'sequential',
        endless: false,
        tracks: [
          {
            index: 0,
            filename: 'story.mp3',
            title: 'The hare and the hedgehog',
            cover_url: 'http://127.0.0.1:8080/api/audio/story.mp3/cover',
            start_s: 0,
            duration: 301.453,
            start_byte: 417,
            length: 4_823_248,
            chapters: [
              { title: 'In the field', start_s: 0 },
              { title: 'The race', start_s: 96.5 },
            ],
          },
        ],
        count: 1,
        duration: 301.453,
        total_bytes: 4_823_665,
        etag: '"PNgX9PyYB0ZzY1Xk0bC5tA"',
      },
    ],
  });

/** @param baseUrl without a slash at its end */
export function toWirePlan(
  name: string,
  preview: StreamPreview,
  baseUrl: string,
): z.output<typeof planAnswer> {
  const { playMode, seed, tracks, trackCount, durationMs, totalBytes, etag } = preview;
  return {
    name,
    play_mode: playMode,
    ...(seed !== undefined && { seed }),
    endless: etag === undefined,
    tracks: tracks.map((track, index) => ({
      index,
      filename: track.filename,
      title: track.title,
      ...(track.hasCover && {
        cover_url: `${baseUrl}/api/audio/${encodeURIComponent(track.filename)}/cover`,
      }),
      start_s: toSeconds(track.startMs),
      duration: toSeconds(track.durationMs),
      start_byte: track.startByte,
      length: track.lengthBytes,
      ...(track.chapters.length > 0 && {
        chapters: track.chapters.map(({ title, startMs }) => ({ title, start_s: toSeconds(startMs) })),
      }),
    })),
    count: trackCount,
    duration: toSeconds(durationMs),
    total_bytes: totalBytes,
    ...(etag !== undefined && { etag: `"${etag}"` }),
  };
}

/** What may keep a stream from being put into an order, and from being heard. */
export const ORDER_PROBLEMS = [
  'invalid_input',
  'unauthorized',
  'forbidden',
  'not_found',
  'conflict',
  'not_ready',
  'missing_part',
  'storage_unavailable',
] as const;
