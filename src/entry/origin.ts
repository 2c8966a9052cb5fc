import { z } from 'zod';

/** The address of a server, without a slash at the end. */
export const origin = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
