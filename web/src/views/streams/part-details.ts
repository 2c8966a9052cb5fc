import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, dataOf } from '../../api/client.ts';
import { Problem } from '../../api/problem.ts';
import { nameless, shownTitle } from '../../text/shown-title.ts';

/** What a row says of a file that is ready. */
export interface PartDetails {
  readonly title: string;
  readonly durationS: number;
  readonly cover_url?: string | undefined;
}

export type PartState = 'ready' | 'processing' | 'failed' | 'missing' | 'unknown';

const NOTHING: ReadonlyMap<string, PartDetails> = new Map();
const LOOK_AGAIN_MS = 3_000;

/** All that can play, by one question: the plan in the order of the queue, without what is not there. */
export const detailsQuery = (name: string) =>
  queryOptions({
    queryKey: ['streams', 'details', name],
    structuralSharing: false,
    staleTime: 60_000,
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, PartDetails>> => {
      try {
        const query = { play_mode: 'sequential', skip_missing: '1' as const };
        const { tracks } = await dataOf(
          api.GET('/api/streams/{name}/plan', { params: { path: { name }, query }, signal }),
        );
        return new Map(
          tracks.map(({ filename, title, duration, cover_url }) => [
            filename,
            toDetails({ filename, title, duration, cover_url }),
          ]),
        );
      } catch (error) {
        // Empty, or something is not ready: each row asks for itself.
        if (error instanceof Problem && error.status === 409) return NOTHING;
        throw error;
      }
    },
  });

export function useDetails(name: string): ReadonlyMap<string, PartDetails> {
  return useQuery(detailsQuery(name)).data ?? NOTHING;
}

/** One file, for a row that the plan says nothing of; asked again as long as it is being prepared. */
export function usePart(
  filename: string,
  known: PartDetails | undefined,
): { details: PartDetails; state: PartState } {
  const { data, error } = useQuery({
    queryKey: ['files', 'part', filename],
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/audio/{filename}/info', { params: { path: { filename } }, signal })),
    enabled: known === undefined,
    refetchInterval: ({ state }) => (state.data?.state === 'processing' ? LOOK_AGAIN_MS : false),
  });
  return useMemo(() => {
    if (known !== undefined) return { details: known, state: 'ready' };
    if (data !== undefined) {
      return { details: toDetails(data), state: data.state };
    }
    const isMissing = error instanceof Problem && error.status === 404;
    return { details: { title: nameless(filename), durationS: 0 }, state: isMissing ? 'missing' : 'unknown' };
  }, [known, data, error, filename]);
}

function toDetails({
  filename,
  title,
  duration: durationS,
  cover_url,
}: {
  readonly filename: string;
  readonly title: string;
  readonly duration: number;
  readonly cover_url?: string | undefined;
}): PartDetails {
  return { title: shownTitle(title, filename), durationS, cover_url };
}
