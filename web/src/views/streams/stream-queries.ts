import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { PlayMode } from '../../api/types.ts';

const PAGE = 50;
/** How soon what somebody else changes is seen, when nothing else asks for it. */
const LOOK_AGAIN_MS = 20_000;

export const streamListQuery = infiniteQueryOptions({
  queryKey: keys.streamList,
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam: cursor, signal }) =>
    dataOf(
      api.GET('/api/streams/queues', {
        params: { query: { limit: PAGE, ...(cursor !== undefined && { cursor }) } },
        signal,
      }),
    ),
  getNextPageParam: ({ next_cursor: cursor }) => cursor,
});

export const queueQuery = (name: string) =>
  queryOptions({
    queryKey: keys.queue(name),
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/streams/{name}/queue', { params: { path: { name } }, signal })),
    refetchInterval: LOOK_AGAIN_MS,
  });

/** What will be heard: in the stream's own mode, in the order of the day, unless another seed is asked for. */
export const planQuery = (name: string, playMode: PlayMode, seed?: number) =>
  queryOptions({
    queryKey: [...keys.plan(name), playMode, seed ?? null],
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/streams/{name}/plan', {
          params: {
            path: { name },
            query: { play_mode: playMode, ...(seed !== undefined && { seed: String(seed) }) },
          },
          signal,
        }),
      ),
  });

/** The mode of two switches, as music players have them. */
export function modeOf(shuffled: boolean, endless: boolean): PlayMode {
  if (shuffled) return endless ? 'endless-shuffle' : 'shuffle';
  return endless ? 'loop' : 'sequential';
}
