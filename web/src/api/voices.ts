import { queryOptions } from '@tanstack/react-query';
import { api, dataOf } from './client.ts';
import { keys } from './keys.ts';

/** Whom the server can let speak. */
export const voicesQuery = queryOptions({
  queryKey: keys.voices,
  queryFn: ({ signal }) => dataOf(api.GET('/api/audio/tts/voices', { signal })),
  // Without an engine there are none, however often one asks.
  retry: false,
});
