import type { StreamListing } from '../services/stream-listing.ts';

/** Playlist files that name one URL, for players that open nothing else. */
export const PLAYLIST_FILES = {
  /** Extended M3U: seconds, or -1 for what has no end. */
  m3u: {
    mediaType: 'audio/x-mpegurl',
    write: ({ title, durationMs }: StreamListing, url: string): string =>
      `#EXTM3U\n#PLAYLIST:${oneLine(title)}\n#EXTINF:${secondsOf(durationMs)},${oneLine(title)}\n${url}\n`,
  },
  /** SHOUTcast's, version 2. */
  pls: {
    mediaType: 'audio/x-scpls',
    write: ({ title, durationMs }: StreamListing, url: string): string =>
      `[playlist]\nNumberOfEntries=1\nFile1=${url}\nTitle1=${oneLine(title)}\nLength1=${secondsOf(durationMs)}\nVersion=2\n`,
  },
} as const;

export type PlaylistFile = keyof typeof PLAYLIST_FILES;

const secondsOf = (durationMs: number | null): number =>
  durationMs === null ? -1 : Math.round(durationMs / 1000);

const oneLine = (title: string): string => title.replace(/\p{Cc}+/gu, ' ').trim();
