/*
 * Blocks in MP3 files that are not audio. ID3v2: id3.org, id3v2.4.0-structure, 3.1 and 3.4. ID3v1: 128 bytes at the
 * end. APEv2: wiki.hydrogenaud.io, "APE Tags Header". Lyrics3: id3.org, "Lyrics3 v2.00".
 */

/** Bytes that must be at hand from a place for `measureTag` to know what is there. */
export const TAG_HEAD_BYTES = 32;

export const ID3V1_BYTES = 128;

const ID3V2_HEAD_BYTES = 10;
const ID3V2_FOOTER_FLAG = 0x10;
const APE_HEAD_BYTES = 32;
/** Of the top byte of the flags: the block has a header; this is that header. */
const APE_HAS_HEADER = 0x80;
const APE_IS_HEADER = 0x20;

/** A v2 block tells its length in six digits. */
export const MAX_LYRICS_BYTES = 1_000_100;

const LYRICS_BEGIN = 'LYRICSBEGIN';
/** v1 and v2; of the same length. */
const LYRICS_ENDS: readonly string[] = ['LYRICSEND', 'LYRICS200'];
const LYRICS_END_BYTES = 9;

export interface TagBlock {
  /** `lyrics`: `bytes` are only the block's first word, its end is to be searched. */
  readonly kind: 'sized' | 'lyrics';
  readonly bytes: number;
}

/**
 * The tag that begins at `at`, or null. Its length is what the tag claims and may pass the end of the file.
 */
export function measureTag(bytes: Uint8Array, at: number): TagBlock | null {
  if (hasText(bytes, at, 'ID3')) return measureId3v2(bytes, at);
  if (hasText(bytes, at, 'TAG')) return { kind: 'sized', bytes: ID3V1_BYTES };
  if (hasText(bytes, at, 'APETAGEX')) return measureApe(bytes, at);
  if (hasText(bytes, at, LYRICS_BEGIN)) return { kind: 'lyrics', bytes: LYRICS_BEGIN.length };
  return null;
}

export function hasText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * Searches the end of a Lyrics3 block between `at` and `endExclusive`; the word itself may reach past that.
 * @returns just after the block, or `endExclusive` when it does not end here
 */
export function findLyricsEnd(
  bytes: Uint8Array,
  at: number,
  endExclusive: number,
): { readonly at: number; readonly isEnd: boolean } {
  const initial = 'L'.charCodeAt(0);
  let candidate = bytes.indexOf(initial, at);
  while (candidate !== -1 && candidate < endExclusive) {
    const place = candidate;
    if (LYRICS_ENDS.some((end) => hasText(bytes, place, end))) {
      return { at: candidate + LYRICS_END_BYTES, isEnd: true };
    }
    candidate = bytes.indexOf(initial, candidate + 1);
  }
  return { at: endExclusive, isEnd: false };
}

function measureId3v2(bytes: Uint8Array, at: number): TagBlock | null {
  const [major = 0xff, revision = 0xff, flags = 0] = bytes.subarray(at + 3, at + 6);
  const [a = 0xff, b = 0xff, c = 0xff, d = 0xff] = bytes.subarray(at + 6, at + 10);
  const isSynchsafe = ((a | b | c | d) & 0x80) === 0;
  if (major === 0xff || revision === 0xff || !isSynchsafe) return null;
  const bodyBytes = (a << 21) | (b << 14) | (c << 7) | d;
  const footerBytes = (flags & ID3V2_FOOTER_FLAG) !== 0 ? ID3V2_HEAD_BYTES : 0;
  return { kind: 'sized', bytes: ID3V2_HEAD_BYTES + bodyBytes + footerBytes };
}

function measureApe(bytes: Uint8Array, at: number): TagBlock {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A footer, or a head cut off by the end of the file: nothing that belongs to it follows.
  if (at + APE_HEAD_BYTES > bytes.length) return { kind: 'sized', bytes: APE_HEAD_BYTES };
  const flags = head.getUint8(at + 23);
  const isHeader = (flags & (APE_HAS_HEADER | APE_IS_HEADER)) === (APE_HAS_HEADER | APE_IS_HEADER);
  // The size counts items and footer, not the header.
  return { kind: 'sized', bytes: APE_HEAD_BYTES + (isHeader ? head.getUint32(at + 12, true) : 0) };
}
