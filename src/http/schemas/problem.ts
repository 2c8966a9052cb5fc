import { z } from 'zod';
import { ERROR_CODES } from '../../domain/app-error.ts';

/** RFC 9457, with Earshot's `code`, `errors` and `details` as extension members. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Stable: `urn:earshot:error:{code}`.' }),
    title: z.string().meta({ description: 'The same for every occurrence of the code.' }),
    status: z.int(),
    detail: z.string().meta({ description: 'What went wrong here, as a sentence for people.' }),
    instance: z
      .string()
      .meta({ description: '`urn:earshot:request:{id}`; the log line of this request has the same id.' }),
    code: z.enum(ERROR_CODES),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Each bad field of the input, by its path: `files[3]`.' }),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'Facts about this error, by names that depend on the code.' }),
  })
  .meta({
    id: 'Problem',
    examples: [
      {
        type: 'urn:earshot:error:not_found',
        title: 'Not found',
        status: 404,
        detail: 'There is no file "story.mp3".',
        instance: 'urn:earshot:request:Jb3tC0nGSx2vYkq1cZyW8g',
        code: 'not_found',
      },
    ],
  });

export type Problem = z.output<typeof problemSchema>;
