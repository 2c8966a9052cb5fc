import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, dataOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';

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
