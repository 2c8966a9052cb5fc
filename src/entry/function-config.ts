import { z } from 'zod';
import type { ResponseLimits } from '../services/ports.ts';

const MIB = 1024 * 1024;

/** The variables of the environment that say what one answer may be. */
export const FUNCTION_VARIABLES = {
  RESPONSE_LIMIT_MB: z.coerce.number('a number from 0.25 to 190').min(0.25).max(190).optional(),
  RESPONSE_LIMIT_S: z.coerce.number('a number from 5 to 880').min(5).max(880).optional(),
};

type Variables = z.output<z.ZodObject<typeof FUNCTION_VARIABLES>>;

/** So much streams without a limit of its speed; more is slower than the bucket gives it, and is billed all the time. */
const FUNCTION_MB = 6;
/** Two or three seconds of gathering. */
const MAKE_AT_ONCE_BYTES = 64 * MIB;
/** Within the two minutes that the function has. */
const FUNCTION_S = 100;

/** @returns null where nothing bounds an answer: on a server, unless it is asked for */
export function readResponseLimits(env: Variables, isFunction: boolean): ResponseLimits | null {
  const { RESPONSE_LIMIT_MB: megabytes, RESPONSE_LIMIT_S: seconds } = env;
  if (!isFunction && megabytes === undefined && seconds === undefined) return null;
  return {
    maxBytes: (megabytes ?? FUNCTION_MB) * MIB,
    makeAtOnceBytes: MAKE_AT_ONCE_BYTES,
    maxMs: (seconds ?? FUNCTION_S) * 1000,
  };
}
