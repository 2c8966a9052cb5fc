import { queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { api, dataOf } from './client.ts';
import { keys } from './keys.ts';
import { live, type LiveEvent } from './live.ts';
import { queryClient } from './query-client.ts';
import type { WorkRequest } from './types.ts';

/** What works comes before what is tried again and what waits. */
const OPEN = ['PROCESSING', 'RETRYING', 'PENDING'] as const;
const PER_STATUS = 100;
/** A connection has a thousand subscriptions, and answers 250 messages at once. */
const MAX_WATCHED = 200;
/** Work that others asked for is heard of only when it is looked for. */
const LOOK_MS = 20_000;
/** Many requests may end at once, and are looked for together. */
const GATHER_MS = 300;

/** Long work that has not ended. */
export const openRequestsQuery = queryOptions({
  queryKey: [...keys.requests, 'open'],
  queryFn: async (): Promise<readonly WorkRequest[]> => {
    const pages = await Promise.all(
      OPEN.map((status) =>
        dataOf(api.GET('/api/requests', { params: { query: { status, limit: PER_STATUS } } })),
      ),
    );
    // One that began to be worked on between the answers is in two of them.
    const byId = new Map<string, WorkRequest>();
    for (const request of pages.flatMap(({ requests }) => requests)) {
      if (!byId.has(request.request_id)) byId.set(request.request_id, request);
    }
    return [...byId.values()];
  },
});

let refresh: ReturnType<typeof setTimeout> | undefined;

function refreshSoon(): void {
  refresh ??= setTimeout(() => {
    refresh = undefined;
    void queryClient.invalidateQueries({ queryKey: keys.requests });
    void queryClient.invalidateQueries({ queryKey: keys.files });
  }, GATHER_MS);
}

function take(event: LiveEvent): void {
  if (event.type !== 'progress') return refreshSoon();
  queryClient.setQueryData<readonly WorkRequest[]>(openRequestsQuery.queryKey, (requests) =>
    requests?.map((request) => {
      if (request.request_id !== event.request_id) return request;
      // When it began, or what went wrong before, is not told here.
      if (request.status !== 'PROCESSING') refreshSoon();
      return { ...request, progress: event.percentage, progress_message: event.message };
    }),
  );
}

/** Watches all open requests and keeps what is known of them up to date. For the shell: once a page. */
export function useOpenRequests() {
  const answer = useQuery({ ...openRequestsQuery, refetchInterval: LOOK_MS });
  const watches = useRef(new Map<string, () => void>());
  const { data } = answer;
  useEffect(() => {
    const wanted = new Set(data?.slice(0, MAX_WATCHED).map(({ request_id: id }) => id));
    for (const id of wanted) {
      if (!watches.current.has(id)) watches.current.set(id, live.watch(id, take));
    }
    for (const [id, stop] of watches.current) {
      if (wanted.has(id)) continue;
      stop();
      watches.current.delete(id);
    }
  }, [data]);
  useEffect(() => {
    const all = watches.current;
    return () => {
      for (const stop of all.values()) stop();
      all.clear();
    };
  }, []);
  return answer;
}
