import { z } from 'zod';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import type { StreamPreview } from '../../services/preview-stream.ts';
import { flag, fromSchema } from './audio-schemas.ts';
import { toSeconds } from './stream-schemas.ts';

const MAX_UINT32 = 0xffff_ffff;

export const seedSchema = z
  .string()
  .regex(/^\d{1,10}$/, 'A whole number from 0 to 4294967295.')
  .transform(Number)
  .refine((seed) => seed <= MAX_UINT32, 'A whole number from 0 to 4294967295.')
  .optional()
  .meta({
    description: 'Of a shuffle: a uint32. Without it, the listener and the day decide.',
    examples: ['7'],
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
};

export const planQuery = z.object(orderQuery);

export const playQuery = z.object({
  ...orderQuery,
  token: z.string().optional().meta({ description: 'Of a playback link.' }),
  from: fromSchema,
  live: flag.meta({ description: 'Endless modes: starts where the clock is, in step with everybody.' }),
});

export const planAnswer = z
  .object({
    name: z.string(),
    play_mode: z.enum(PLAY_MODES),
    seed: z.int().optional().meta({ description: 'Of shuffled modes.' }),
    endless: z.boolean().meta({ description: 'Then the plan is the first turn through the queue.' }),
    tracks: z.array(
      z.object({
        index: z.int(),
        filename: z.string(),
        title: z.string(),
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
    count: z.int(),
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

export function toWirePlan(name: string, preview: StreamPreview): z.output<typeof planAnswer> {
  const { playMode, seed, tracks, durationMs, totalBytes, etag } = preview;
  return {
    name,
    play_mode: playMode,
    ...(seed !== undefined && { seed }),
    endless: etag === undefined,
    tracks: tracks.map((track, index) => ({
      index,
      filename: track.filename,
      title: track.title,
      start_s: toSeconds(track.startMs),
      duration: toSeconds(track.durationMs),
      start_byte: track.startByte,
      length: track.lengthBytes,
      ...(track.chapters.length > 0 && {
        chapters: track.chapters.map(({ title, startMs }) => ({ title, start_s: toSeconds(startMs) })),
      }),
    })),
    count: tracks.length,
    duration: toSeconds(durationMs),
    total_bytes: totalBytes,
    ...(etag !== undefined && { etag: `"${etag}"` }),
  };
}
