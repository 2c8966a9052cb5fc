import { ICY_INTERVAL_BYTES } from '../audio/icy.ts';
import type { AudioFile, JoinablePart } from '../domain/audio-file.ts';
import type { StreamDefinition } from '../domain/stream.ts';

/** What a player that asks for titles is told before the first byte. */
export interface StreamTitles {
  /** A title, or that it is the same, after so many bytes of audio. */
  readonly intervalBytes: number;
  readonly streamTitle: string;
  /** Absent where it changes. */
  readonly bitrateKbps?: number | undefined;
}

export function describeTitles(
  stream: Pick<StreamDefinition, 'title' | 'name'>,
  parts: readonly Pick<JoinablePart, 'bitrateKbps' | 'constantBitrate'>[],
): StreamTitles {
  const bitrateKbps = parts[0]?.bitrateKbps;
  const isConstant = parts.every((part) => part.constantBitrate && part.bitrateKbps === bitrateKbps);
  return {
    intervalBytes: ICY_INTERVAL_BYTES,
    streamTitle: stream.title ?? stream.name,
    ...(isConstant && { bitrateKbps }),
  };
}

/** `Artist - Title`, as players show it; without an artist, the title. */
export function nowPlaying(file: Pick<AudioFile, 'artist' | 'title' | 'filename'>): string {
  const shown = shownTitle(file);
  return file.artist === undefined ? shown : `${file.artist} - ${shown}`;
}

/** Where nobody gave a title, the name stands for it. */
export const shownTitle = ({ title, filename }: Pick<AudioFile, 'title' | 'filename'>): string =>
  title === '' ? filename.replace(/\.mp3$/, '') : title;
