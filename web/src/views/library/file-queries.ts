import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import type { FileInfo } from '../../api/types.ts';

export type FileSort = 'name' | 'created' | 'duration';

/** A page is more than any screen shows, and little enough to come at once. */
const PAGE_FILES = 200;
const MAX_HITS = 100;

/** All files, page by page as one scrolls. */
export const fileListQuery = (sort: FileSort) =>
  infiniteQueryOptions({
    queryKey: keys.fileList(sort),
    initialPageParam: '',
    queryFn: ({ pageParam: cursor, signal }) =>
      dataOf(
        api.GET('/api/audio/list', {
          params: { query: { sort, limit: PAGE_FILES, ...(cursor !== '' && { cursor }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor: cursor }) => cursor,
  });

/** What is found; asks nothing for an empty question. */
export const fileSearchQuery = (question: string) =>
  queryOptions({
    queryKey: keys.fileSearch(question),
    enabled: question !== '',
    // What was found for the letters before stays while those for more letters are asked.
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      dataOf(api.GET('/api/audio/search', { params: { query: { q: question, limit: MAX_HITS } }, signal })),
  });

/** What one file is, and which revision of it, for the next edit. */
export interface KnownFile {
  readonly file: FileInfo;
  readonly etag: string;
}

const PREPARING_MS = 2_000;

export const fileQuery = (filename: string) =>
  queryOptions({
    queryKey: keys.file(filename),
    queryFn: async ({ signal }): Promise<KnownFile> => {
      const answer = await api.GET('/api/audio/{filename}/info', { params: { path: { filename } }, signal });
      return { file: await dataOf(Promise.resolve(answer)), etag: etagOf(answer.response) };
    },
    refetchInterval: ({ state: { data } }) => (data?.file.state === 'processing' ? PREPARING_MS : false),
  });

export const waveformQuery = (filename: string, version: string) =>
  queryOptions({
    // Another recording under the same name has other peaks.
    queryKey: [...keys.file(filename), 'waveform', version] as const,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      dataOf(
        api.GET('/api/audio/{filename}/waveform', {
          params: { path: { filename }, query: { points: WAVEFORM_POINTS } },
          signal,
        }),
      ),
  });

/** As many bars as a phone shows; a wide screen shows wider ones. */
const WAVEFORM_POINTS = 240;

const etagOf = ({ headers }: Response): string => headers.get('etag') ?? '';
