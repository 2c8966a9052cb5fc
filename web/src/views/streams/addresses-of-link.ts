import type { PlayMode } from '../../api/types.ts';
import { isEndless } from '../../api/play-mode.ts';

export type AddressKind = 'listen' | 'player' | 'podcast' | 'hls' | 'm3u' | 'pls';

/** What can end by itself. */
export const SLEEPING: ReadonlySet<AddressKind> = new Set(['player', 'hls', 'm3u', 'pls']);

/**
 * Whatever a playback link opens.
 * @param url of the link, as the server tells it: whole, with the name that players know it by
 * @param sleepS after which sound ends by itself; a page and a feed know no such end
 */
export function addressesOf(
  url: string,
  token: string,
  playMode: PlayMode,
  sleepS?: number,
): Record<AddressKind, string> {
  const player = new URL(url);
  if (sleepS !== undefined) player.searchParams.set('sleep_s', String(sleepS));
  const beside = (path: string): string => {
    const address = new URL(player);
    address.pathname = address.pathname.replace(/stream\.mp3$/, path);
    return address.href;
  };
  const listen = new URL(player);
  listen.pathname = listen.pathname.replace(/\/api\/streams\/.*$/, `/listen/${token}`);
  listen.search = '';
  const hls = new URL(beside('playlist.m3u8'));
  // What has no end is a station: everybody hears it in step.
  if (isEndless(playMode) && sleepS === undefined) hls.searchParams.set('live', '1');
  const feed = new URL(beside('feed.xml'));
  feed.searchParams.delete('sleep_s');
  return {
    listen: listen.href,
    player: player.href,
    podcast: feed.href,
    hls: hls.href,
    m3u: beside('stream.m3u'),
    pls: beside('stream.pls'),
  };
}
