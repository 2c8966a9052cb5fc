/** Seconds that a client may ask to be waited for. */
export const MAX_WAIT_S = 30;

/**
 * The seconds of `Prefer: wait=N` (RFC 7240, 2 and 4.3), at most 30. The first preference of a name counts; what
 * cannot be read is as if it were not there.
 *
 * @returns undefined without one
 */
export function preferredWaitS(prefer: string | readonly string[] | undefined): number | undefined {
  const header = typeof prefer === 'string' ? prefer : prefer?.join(',');
  // A quoted string may hold the commas and semicolons that separate preferences and their parameters.
  for (const [preference] of header?.matchAll(/(?:"(?:\\.|[^"\\])*"|[^",])+/g) ?? []) {
    const match = /^\s*wait\s*=\s*(?:"(\d+)"|(\d+))\s*(?:;|$)/i.exec(preference);
    if (match !== null) return Math.min(Number(match[1] ?? match[2]), MAX_WAIT_S);
    if (/^\s*wait\s*(?:[=;]|$)/i.test(preference)) return undefined;
  }
  return undefined;
}
