import { z } from 'zod';
import { MAX_SLEEP_MS, MIN_SLEEP_MS, SLEEP_MODES } from '../../audio/sleep.ts';
import { LANGUAGE_TAG, LANGUAGE_TAG_RULE } from '../../domain/language-tag.ts';
import { PLAY_MODES } from '../../domain/play-mode.ts';
import { speechOrderSchema } from './speech-schemas.ts';

/** What `POST /api/requests` and a WebSocket's `request` take as the payload of each action. */
export const ingestPayload = z.strictObject({
  upload_id: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'As `POST /api/audio/uploads` gave it; all of its parts have been sent.' }),
});

export const languageSchema = z
  .string()
  .regex(LANGUAGE_TAG, LANGUAGE_TAG_RULE)
  .meta({ description: 'Of what is said (BCP 47); else the engine finds out.', examples: ['en', 'de-CH'] });

export const transcribePayload = z.strictObject({
  filename: z
    .string()
    .min(1)
    .max(200)
    .meta({ description: 'Of the library.', examples: ['story.mp3'] }),
  language: languageSchema.optional(),
});

export const generateTtsPayload = speechOrderSchema;

export const makeStreamPayload = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(100)
    .meta({ description: 'Of the stream.', examples: ['bedtime'] }),
  play_mode: z.enum(PLAY_MODES).meta({ description: 'An endless one needs `sleep_ms`.' }),
  seed: z.int().min(0).max(0xffff_ffff).default(0).meta({ description: 'Of a shuffle.' }),
  from_ms: z.number().min(0).optional().meta({ description: 'Where it starts.' }),
  sleep_ms: z
    .int()
    .min(MIN_SLEEP_MS)
    .max(MAX_SLEEP_MS)
    .optional()
    .meta({ description: 'After how long it ends.' }),
  sleep_mode: z.enum(SLEEP_MODES).optional(),
  skip_missing: z.boolean().optional().meta({ description: 'Leaves out files that are missing.' }),
  etag: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .meta({ description: 'Of the MP3, without quotes: nothing is made when it is another by now.' }),
});

export const noPayload = z.strictObject({});
