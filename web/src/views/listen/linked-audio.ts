import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import type { components } from '../../api/schema.d.ts';

export type LinkedAudio = components['schemas']['LinkedAudio'];
export type LinkedTrack = LinkedAudio['tracks'][number];

const PAGE = 500;

/** All that a playback link opens, whatever number of pages that takes. */
export const linkedAudioQuery = (token: string) =>
  queryOptions({
    queryKey: ['listen', token],
    staleTime: 60_000,
    queryFn: async (): Promise<LinkedAudio> => {
      const first = await findPage(token);
      const tracks = [...first.tracks];
      for (let cursor = first.next_cursor; cursor !== undefined;) {
        const page = await findPage(token, cursor, first.seed);
        tracks.push(...page.tracks);
        cursor = page.next_cursor;
      }
      return { ...first, tracks };
    },
  });

/** @param seed of the first page: the day may turn between two of them */
function findPage(token: string, cursor?: string, seed?: number): Promise<LinkedAudio> {
  const after = { ...(cursor && { cursor }), ...(seed !== undefined && { seed: String(seed) }) };
  return dataOf(api.GET('/api/listen', { params: { query: { token, limit: PAGE, ...after } } }));
}
