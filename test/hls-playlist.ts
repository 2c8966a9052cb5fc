/** A media playlist as a player reads it. */
export interface ReadPlaylist {
  readonly targetS: number;
  readonly sequence: number;
  readonly isEnded: boolean;
  readonly isVod: boolean;
  readonly segments: readonly {
    readonly number: number;
    readonly seconds: number;
    readonly startMs: number | null;
    /** From the root of the server on. */
    readonly url: string;
  }[];
}

/** @param path of the playlist, which its URLs are relative to. @throws for what RFC 8216 does not allow */
export function readPlaylist(text: string, path: string): ReadPlaylist {
  const lines = text.split('\n');
  if (lines[0] !== '#EXTM3U' || lines.at(-1) !== '') throw new Error('This is no playlist.');
  const valueOf = (tag: string) => lines.find((line) => line.startsWith(`#${tag}:`))?.slice(tag.length + 2);
  const sequence = Number(valueOf('EXT-X-MEDIA-SEQUENCE'));
  const targetS = Number(valueOf('EXT-X-TARGETDURATION'));
  const segments: ReadPlaylist['segments'][number][] = [];
  let seconds: number | null = null;
  let startMs: number | null = null;
  for (const line of lines) {
    if (line.startsWith('#EXTINF:')) seconds = Number(/^#EXTINF:(\d+\.\d{6}),$/.exec(line)?.[1]);
    else if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) startMs = Date.parse(line.slice(25));
    else if (line !== '' && !line.startsWith('#')) {
      if (seconds === null || Math.round(seconds) > targetS)
        throw new Error(`${line} has no length, or too much.`);
      const { pathname, search } = new URL(line, `http://host${path}`);
      segments.push({ number: sequence + segments.length, seconds, startMs, url: pathname + search });
      seconds = null;
      startMs = null;
    }
  }
  const isEnded = lines.includes('#EXT-X-ENDLIST');
  return { targetS, sequence, isEnded, isVod: lines.includes('#EXT-X-PLAYLIST-TYPE:VOD'), segments };
}

const TAG_BYTES = 73;
const OWNER = 'com.apple.streaming.transportStreamTimestamp\0';

/** A segment of packed audio, apart. @throws where it does not begin with the tag that RFC 8216, 3.4 asks for */
export function unpackSegment(segment: Buffer): { ticks: bigint; audio: Buffer } {
  const ownerAt = segment.indexOf(OWNER, 0, 'latin1');
  if (segment.toString('latin1', 0, 3) !== 'ID3' || ownerAt !== 20) throw new Error('There is no tag.');
  return { ticks: segment.readBigUInt64BE(20 + OWNER.length), audio: segment.subarray(TAG_BYTES) };
}
