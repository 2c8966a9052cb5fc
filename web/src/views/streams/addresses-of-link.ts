import type { PlayMode } from '../../api/types.ts';
import { isEndless } from './stream-queries.ts';

export type AddressKind = 'listen' | 'player' | 'podcast' | 'hls' | 'm3u' | 'pls';

/**
 * Whatever a playback link opens.
 * @param url of the link, as the server tells it: whole, with the name that players know it by
 */
export function addressesOf(url: string, token: string, playMode: PlayMode): Record<AddressKind, string> {
  const player = new URL(url);
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
  if (isEndless(playMode)) hls.searchParams.set('live', '1');
  return {
    listen: listen.href,
    player: player.href,
    podcast: beside('feed.xml'),
    hls: hls.href,
    m3u: beside('stream.m3u'),
    pls: beside('stream.pls'),
  };
}
