import type { ClockPlaylist, ClockSegment, FinitePlaylist } from '../services/hls-playlist.ts';

export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** Fractions of a second in `EXTINF` need version 3 (RFC 8216, 7). */
const HEAD = '#EXTM3U\n#EXT-X-VERSION:3\n';

/** All of a stream that has an end, with `EXT-X-ENDLIST`. @param urlOf segment `number` */
export function writeFinitePlaylist(
  { seconds, targetS }: FinitePlaylist,
  urlOf: (number: number) => string,
): string {
  const lines = seconds.map((each, number) => `${extinf(each)}${urlOf(number)}\n`);
  const head = `${HEAD}#EXT-X-TARGETDURATION:${targetS}\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-MEDIA-SEQUENCE:0\n`;
  return `${head}${lines.join('')}#EXT-X-ENDLIST\n`;
}

/** The window around now; the media sequence number is that of the clock. */
export function writeClockPlaylist(
  { segments, targetS, isEnded }: ClockPlaylist,
  urlOf: (segment: ClockSegment) => string,
): string {
  const lines = segments.map(
    (segment) =>
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startMs).toISOString()}\n` +
      `${extinf(segment.seconds)}${urlOf(segment)}\n`,
  );
  const first = segments[0]?.number ?? 0;
  const head = `${HEAD}#EXT-X-TARGETDURATION:${targetS}\n#EXT-X-MEDIA-SEQUENCE:${first}\n`;
  return `${head}${lines.join('')}${isEnded ? '#EXT-X-ENDLIST\n' : ''}`;
}

const extinf = (seconds: number): string => `#EXTINF:${seconds.toFixed(6)},\n`;
