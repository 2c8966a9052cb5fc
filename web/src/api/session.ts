import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { Problem } from './problem.ts';
import { queryClient } from './query-client.ts';
import type { Session } from './types.ts';

/** Who is logged in; null for nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async (): Promise<Session | null> => {
    try {
      const { data } = await api.GET('/api/user/session');
      return data ?? null;
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export const findSession = (): Promise<Session | null> => queryClient.ensureQueryData(sessionQuery);

/** @throws Problem `unauthorized` for a wrong name or password */
export async function logIn(username: string, password: string): Promise<void> {
  await api.POST('/api/user/login', { body: { username, password } });
  queryClient.clear();
  await queryClient.fetchQuery(sessionQuery);
}

export async function logOut(): Promise<void> {
  await api.POST('/api/user/logout');
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, null);
}
