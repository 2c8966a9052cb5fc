import { z } from 'zod';
import { LANGUAGE_TAG, LANGUAGE_TAG_RULE } from '../../domain/language-tag.ts';
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

export const noPayload = z.strictObject({});
