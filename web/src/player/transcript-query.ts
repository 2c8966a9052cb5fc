import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../api/client.ts';
import { keys } from '../api/keys.ts';
import { Problem } from '../api/problem.ts';
import type { Transcript } from '../api/types.ts';
import { text } from '../text/text.ts';

/** What is said in one file, and which revision of it, for the next edit. */
export interface KnownTranscript {
  readonly transcript: Transcript;
  readonly etag: string;
}

const LOOK_AGAIN_MS = 2_000;

/** One shape under one key: the page of a file and the player show the same transcript. */
export const transcriptQuery = (filename: string) =>
  queryOptions({
    queryKey: keys.transcript(filename),
    queryFn: async ({ signal }): Promise<KnownTranscript> => {
      const answer = await api.GET('/api/audio/{filename}/transcript', {
        params: { path: { filename } },
        headers: { accept: 'application/json' },
        signal,
      });
      const transcript = await dataOf(Promise.resolve(answer));
      // Other formats, which are texts, are asked for by other headers.
      if (typeof transcript === 'string') throw new Problem('internal', text.problems.otherForm);
      return { transcript, etag: answer.response.headers.get('etag') ?? '' };
    },
    refetchInterval: ({ state: { data } }) =>
      data?.transcript.status === 'pending' || data?.transcript.status === 'processing'
        ? LOOK_AGAIN_MS
        : false,
  });
