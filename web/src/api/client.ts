import createClient, { type Middleware } from 'openapi-fetch';
import { text } from '../text/text.ts';
import { leaveSession } from './left-session.ts';
import { Problem, toProblem } from './problem.ts';
import { reach } from './reach.ts';
import type { paths } from './schema.d.ts';

/** Whatever is no success is thrown as a `Problem`; who is no longer logged in is told so. */
const problems: Middleware = {
  async onResponse({ response, schemaPath }) {
    reach.found();
    if (response.ok || response.status === 304) return undefined;
    const body: unknown = await response.json().catch(() => null);
    const problem = toProblem(response.status, body);
    if (problem.status === 401 && isOfSession(schemaPath)) leaveSession();
    throw problem;
  },
  onError({ error }) {
    if (error instanceof Problem || (error instanceof DOMException && error.name === 'AbortError'))
      return error;
    reach.lost();
    return new Problem('offline', text.problems.offline);
  },
};

/** A wrong password is no session that ended, and a playback link has none. */
const isOfSession = (path: string): boolean => !path.startsWith('/api/user/log') && path !== '/api/listen';

const client = createClient<paths>({ credentials: 'same-origin' });
client.use(problems);

/** The interface, by its own paths: `await api.GET('/api/audio/list', {params: {query: {limit: 50}}})`. */
export const api = client;

/**
 * What an answer holds.
 * @throws Problem
 */
export async function dataOf<Data>(answer: Promise<{ data?: Data }>): Promise<Data> {
  const { data } = await answer;
  if (data === undefined) throw new Problem('internal', text.problems.answeredNothing);
  return data;
}
