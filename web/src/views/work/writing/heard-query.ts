import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../../api/client.ts';
import { keys } from '../../../api/keys.ts';
import type { Transcript } from '../../../api/types.ts';

/** What an engine heard in a recording that is not kept: the result of a request. */
export interface HeardSpeech {
  readonly transcript: string;
  readonly segments: Transcript['segments'];
}

export const heardQuery = (requestId: string) =>
  queryOptions({
    queryKey: keys.heard(requestId),
    // However large it is; in the request itself a long one is not.
    queryFn: async ({ signal }) => {
      const params = { path: { id: requestId } };
      return (await dataOf<unknown>(api.GET('/api/requests/{id}/result', { params, signal }))) as HeardSpeech;
    },
    staleTime: Infinity,
  });
