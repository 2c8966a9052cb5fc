import { z } from 'zod';

/** The query of every list. Spread it into the route's own query: `z.object({ ...pagingQuery, sort: … })`. */
export const pagingQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(50)
    .meta({ description: 'Items a page, 1 to 1,000.', examples: [50] }),
  cursor: z
    .string()
    .max(4096)
    .optional()
    .meta({ description: '`next_cursor` of the page before, with the same sort and filter.' }),
};

/** What every list answers beside its items. */
export const pagingAnswer = {
  count: z.int().meta({ description: 'Items in this page.', examples: [1] }),
  next_cursor: z
    .string()
    .optional()
    .meta({ description: 'Opaque and signed; absent at the end of the list.' }),
};

/** ISO 8601 UTC with milliseconds, as every time on the wire. */
export const timeSchema = z.iso.datetime().meta({ examples: ['2026-11-21T08:30:00.000Z'] });

export const toWireTime = (atMs: number): string => new Date(atMs).toISOString();
