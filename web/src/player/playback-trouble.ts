import { Problem, toProblem } from '../api/problem.ts';
import { text } from '../text/text.ts';

/**
 * Why an address does not play: a browser tells of its audio no more than that it failed.
 * @returns null when the server would give it
 */
export async function findTrouble(address: string): Promise<Problem | null> {
  const stop = new AbortController();
  try {
    const answer = await fetch(address, { headers: { range: 'bytes=0-0' }, signal: stop.signal });
    if (answer.ok) return null;
    return toProblem(answer.status, await answer.json().catch(() => null));
  } catch {
    return new Problem('offline', text.problems.offline);
  } finally {
    // Of what has no end, the answer has none either.
    stop.abort();
  }
}

/** Whether it may be otherwise in a while. */
export const mayPass = ({ code, status }: Problem): boolean =>
  code === 'offline' || code === 'not_ready' || code === 'rate_limited' || status >= 500;
