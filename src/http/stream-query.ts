import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { playQuery } from './schemas/stream-playback-schemas.ts';
import { linkTokenOf } from './cache-scope.ts';

type PlayQuery = z.output<typeof playQuery>;

/** How a stream was asked for, to be asked for again by another URL, with the link's token where there is one. */
export function queryAgain(
  request: FastifyRequest,
  query: PlayQuery,
  { seed = query.seed, live = query.live }: { seed?: number | undefined; live?: boolean } = {},
): string {
  const again = new URLSearchParams();
  if (query.play_mode !== undefined) again.set('play_mode', query.play_mode);
  if (seed !== undefined) again.set('seed', String(seed));
  if (live) again.set('live', '1');
  if (query.skip_missing) again.set('skip_missing', '1');
  // As many places as are read.
  if (query.from !== undefined) again.set('from', query.from.toFixed(9));
  if (query.sleep_s !== undefined) {
    again.set('sleep_s', (query.sleep_s / 1000).toFixed(3));
    again.set('sleep_mode', query.sleep_mode);
  }
  const token = linkTokenOf(request);
  if (token !== undefined) again.set('token', token);
  return again.size === 0 ? '' : `?${again.toString()}`;
}
