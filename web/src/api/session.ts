import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { forgetUser } from './kept-of-user.ts';
import { returnToSession } from './left-session.ts';
import { Problem } from './problem.ts';
import { queryClient } from './query-client.ts';
import type { Session } from './types.ts';

/** Tells the other tabs of this browser, which share its cookie. */
const tabs = new BroadcastChannel('earshot-session');

/** Who is logged in; null for nobody. One who was, and whose session has ended, is still told: see `left-session.ts`. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      const { data } = await api.GET('/api/user/session');
      returnToSession();
      return data ?? null;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return lastSession();
      throw error;
    }
  },
});

const lastSession = (): Session | null => queryClient.getQueryData<Session | null>(['session']) ?? null;

/** Undefined as long as nobody is known to be logged in. */
export const currentUserId = (): string | undefined => lastSession()?.user.id;

export const findSession = (): Promise<Session | null> => queryClient.ensureQueryData(sessionQuery);

/** @throws Problem `unauthorized` for a wrong name or password */
export async function logIn(username: string, password: string): Promise<void> {
  await api.POST('/api/user/login', { body: { username, password } });
  await takeUpSession();
  tabs.postMessage('entered');
}

/** Goes on where somebody was when the session ended; another user begins anew, and sees nothing of the first. */
async function takeUpSession(): Promise<void> {
  const before = lastSession();
  const { data: session } = await api.GET('/api/user/session');
  if (before !== null && before.user.id !== session?.user.id) return location.reload();
  queryClient.setQueryData(sessionQuery.queryKey, session ?? null);
  returnToSession();
  void queryClient.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0],
  });
}

/** Ends the session here and in the other tabs. The page is loaded anew, so that nothing stays in its memory. */
export async function logOut(): Promise<void> {
  await api.POST('/api/user/logout');
  forgetUser();
  tabs.postMessage('left');
  location.assign('/login');
}

/** Follows what other tabs of this browser do. @returns what ends it */
export function followOtherTabs(): () => void {
  const hear = ({ data }: MessageEvent<unknown>): void => {
    if (data === 'left') location.assign('/login');
    // Should it not be right after all, the next answer says so.
    else if (data === 'entered') void takeUpSession().catch(() => undefined);
  };
  tabs.addEventListener('message', hear);
  return () => tabs.removeEventListener('message', hear);
}
