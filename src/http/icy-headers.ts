import type { IncomingHttpHeaders } from 'node:http';
import type { StreamTitles } from '../services/now-playing.ts';

/** Whether the player can take titles out again: whoever does not ask would hear them as noise. */
export const wantsIcyTitles = (headers: IncomingHttpHeaders): boolean => headers['icy-metadata'] === '1';

/** The status line stays that of HTTP; `ICY 200 OK` is of old servers. */
export const icyHeaders = ({
  intervalBytes,
  streamTitle,
  bitrateKbps,
}: StreamTitles): Record<string, string> => ({
  'icy-metaint': String(intervalBytes),
  // Players expect UTF-8, for which a header has no way but its bytes one by one.
  'icy-name': Buffer.from(streamTitle).toString('latin1'),
  ...(bitrateKbps !== undefined && { 'icy-br': String(bitrateKbps) }),
});
