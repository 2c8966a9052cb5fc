import { z } from 'zod';
import { CONFLICT_RULES } from '../../services/upload-audio.ts';
import { timeSchema } from './paging.ts';

export const beginBody = z
  .strictObject({
    filename: z.string().meta({ description: 'Its name in the library; the extension becomes `.mp3`.' }),
    size: z.int().min(1).meta({ description: 'Bytes. Neither more nor fewer are taken.' }),
    title: z.string().optional().meta({ description: 'Else the title in its tags, else its name.' }),
    description: z.string().optional(),
    on_conflict: z.enum(CONFLICT_RULES).default('refuse').meta({
      description: 'When the name is taken. `rename` and `replace` also store the same content again.',
    }),
  })
  .meta({ examples: [{ filename: 'story.m4a', size: 20_000_000 }] });

export const begunAnswer = z
  .object({
    upload_id: z.string(),
    parts: z.array(
      z.object({
        number: z.int().meta({ description: 'From 1 on.' }),
        url: z.string().meta({
          description: 'PUT the bytes here, as they are, without credentials. Whoever has it may.',
        }),
        size: z.int().meta({ description: 'Bytes of this part; the parts follow each other in the file.' }),
      }),
    ),
    expires_at: timeSchema.meta({ description: 'Until then it can be completed.' }),
  })
  .meta({
    id: 'DirectUpload',
    examples: [
      {
        upload_id: 'Jb3tC0nGSx2vYkq1cZyW8g.mbz4k1c0.Xk0pB3nVd5wqU1sTz8yRf7aLh2mJc4gEo6iK9tQvN0M',
        parts: [
          {
            number: 1,
            url: 'https://radio.example/api/audio/uploads/…/parts/1?signature=…',
            size: 8_388_608,
          },
          {
            number: 2,
            url: 'https://radio.example/api/audio/uploads/…/parts/2?signature=…',
            size: 8_388_608,
          },
          {
            number: 3,
            url: 'https://radio.example/api/audio/uploads/…/parts/3?signature=…',
            size: 3_222_784,
          },
        ],
        expires_at: '2026-11-21T20:30:00.000Z',
      },
    ],
  });

export const uploadParams = z.object({
  id: z
    .string()
    .meta({ description: '`upload_id`.', examples: ['Jb3tC0nGSx2vYkq1cZyW8g.mbz4k1c0.Xk0pB3nV…'] }),
});

export const partParams = uploadParams.extend({
  number: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .meta({ examples: [1] }),
});

export const partQuery = z.object({ signature: z.string().default('') });

export const partBody = z
  .string()
  .meta({ format: 'binary', description: 'Exactly as many bytes as the part has.' });
