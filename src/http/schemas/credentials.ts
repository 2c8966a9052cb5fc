import { z } from 'zod';
import { SCOPES, type ApiKey, type PlaybackLink } from '../../domain/credentials.ts';
import { timeSchema, toWireTime } from './paging.ts';

export const scopesSchema = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .meta({ description: '`admin` includes the others.', examples: [['play', 'read']] });

/** A time in the input, with any offset. */
export const expiryInput = z.iso
  .datetime({ offset: true })
  .optional()
  .meta({ description: 'In the future; never, when left out.', examples: ['2027-11-21T00:00:00Z'] });

export const toExpiryMs = (expiresAt: string | undefined): number | undefined =>
  expiresAt === undefined ? undefined : Date.parse(expiresAt);

export const apiKeySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: scopesSchema,
    created_at: timeSchema,
    expires_at: timeSchema.optional(),
  })
  .meta({
    id: 'ApiKey',
    examples: [
      {
        id: 'q4mYb0b1R0a8s2h9u1cY3w',
        name: 'kitchen radio',
        scopes: ['play'],
        created_at: '2026-11-21T08:30:00.000Z',
      },
    ],
  });

export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'The key itself: shown now and never again.' }) })
  .meta({
    id: 'NewApiKey',
    examples: [
      {
        id: 'q4mYb0b1R0a8s2h9u1cY3w',
        name: 'kitchen radio',
        scopes: ['play'],
        created_at: '2026-11-21T08:30:00.000Z',
        key: 'ek_…',
      },
    ],
  });

export const toWireApiKey = (key: ApiKey): z.output<typeof apiKeySchema> => ({
  id: key.id,
  name: key.name,
  scopes: [...key.scopes],
  created_at: toWireTime(key.createdAtMs),
  ...(key.expiresAtMs === undefined ? {} : { expires_at: toWireTime(key.expiresAtMs) }),
});

export const linkSchema = z
  .object({
    id: z.string(),
    created_by: z.string(),
    created_at: timeSchema,
    expires_at: timeSchema.optional(),
  })
  .meta({
    id: 'PlaybackLink',
    examples: [
      {
        id: 'q4mYb0b1R0a8s2h9u1cY3w',
        created_by: '1795249800000',
        created_at: '2026-11-21T08:30:00.000Z',
      },
    ],
  });

export const newLinkSchema = linkSchema
  .extend({
    token: z.string().meta({ description: 'Shown now and never again.' }),
    url: z.url().meta({ description: 'What a player opens.' }),
  })
  .meta({
    id: 'NewPlaybackLink',
    examples: [
      {
        id: 'q4mYb0b1R0a8s2h9u1cY3w',
        created_by: '1795249800000',
        created_at: '2026-11-21T08:30:00.000Z',
        token: 'q4mYb0b1R0a8s2h9u1cY3w.…',
        url: 'http://127.0.0.1:8080/api/streams/bedtime/stream.mp3?token=q4mYb0b1R0a8s2h9u1cY3w.…',
      },
    ],
  });

export const toWireLink = (link: PlaybackLink): z.output<typeof linkSchema> => ({
  id: link.id,
  created_by: link.createdBy,
  created_at: toWireTime(link.createdAtMs),
  ...(link.expiresAtMs === undefined ? {} : { expires_at: toWireTime(link.expiresAtMs) }),
});
