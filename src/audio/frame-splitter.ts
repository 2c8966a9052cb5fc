import { HEADER_BYTES, MAX_FRAME_BYTES, isSameKind, parseFrameHeader } from './frame-header.ts';
import type { FrameHeader } from './frame-header.ts';
import { readInfoFrame } from './info-frame-reader.ts';
import {
  ID3V1_BYTES,
  MAX_LYRICS_BYTES,
  TAG_HEAD_BYTES,
  findLyricsEnd,
  hasText,
  measureTag,
} from './tag-block.ts';

/** Enough to see a frame with the headers of its two successors, or what stands at their place. */
const LOOKAHEAD_BYTES = 4096;
/** Chunks are gathered up to this, so that tiny ones cost no more than big ones. */
const BATCH_BYTES = 65_536;
/** More garbage than this and than audio: it is not an MP3. */
const JUNK_LIMIT_BYTES = 65_536;
/** A frame out of nowhere is believed when this many frames that follow agree with it. */
const SUCCESSORS = 2;

if (LOOKAHEAD_BYTES < SUCCESSORS * MAX_FRAME_BYTES + TAG_HEAD_BYTES)
  throw new RangeError('Look-ahead too short.');

/** Told of each audio frame. The bytes do not change after the call, and may be kept but not written into. */
export type FrameSink = (bytes: Uint8Array, start: number, header: FrameHeader) => void;

/**
 * Finds the audio frames in an MP3 that comes in chunks of any size: skips tags and Info frames, passes over garbage.
 * Time is linear in the input and memory bounded, whatever the input claims.
 *
 * `push` every chunk (not to be changed by the caller afterwards), then `end`.
 */
export class FrameSplitter {
  /** Bytes that are neither frame nor tag, a last frame cut short included. */
  junkBytes = 0;
  audioBytes = 0;
  /** How often frames went on only after garbage. */
  resyncCount = 0;
  encoderDelaySamples: number | undefined;
  encoderPaddingSamples: number | undefined;
  /** Of audio, as the first Info frame says. */
  toldFrameCount: number | undefined;
  infoFrameCount = 0;
  /** Where in the source the frame begins that the sink is being told of. */
  frameAt = 0;

  readonly #sink: FrameSink;
  readonly #onInfoFrame: () => void;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  /** Where in the source the first of them is. */
  #pendingAt = 0;
  /** Bytes of a tag that are still to come. */
  #skipBytes = 0;
  /** Bytes that the end of a Lyrics3 block may still be searched in; 0 outside of one. */
  #lyricsBytes = 0;
  /** The last frame found, Info frames included. */
  #last: FrameHeader | null = null;
  /** No garbage since the last frame. */
  #inStep = false;

  /** @param onInfoFrame told of each Info frame that is passed over, in its place among the frames */
  constructor(sink: FrameSink, onInfoFrame: () => void = () => undefined) {
    this.#sink = sink;
    this.#onInfoFrame = onInfoFrame;
  }

  /** Whether so much is garbage that this is no MP3: nothing more need be pushed. */
  get isHopeless(): boolean {
    return this.junkBytes > JUNK_LIMIT_BYTES + this.audioBytes;
  }

  push(chunk: Uint8Array): void {
    if (this.isHopeless) return;
    const skipped = Math.min(this.#skipBytes, chunk.length);
    this.#skipBytes -= skipped;
    this.#pendingAt += skipped;
    if (skipped === chunk.length) return;
    this.#pending.push(skipped === 0 ? chunk : chunk.subarray(skipped));
    this.#pendingBytes += chunk.length - skipped;
    if (this.#pendingBytes >= BATCH_BYTES) this.#drain(false);
  }

  end(): void {
    this.#drain(true);
  }

  #drain(isEnd: boolean): void {
    const bytes = isEnd ? withoutId3v1(joinChunks(this.#pending)) : joinChunks(this.#pending);
    // Short of the end, nothing is judged that the look-ahead does not cover.
    const limit = isEnd ? bytes.length : bytes.length - LOOKAHEAD_BYTES;
    let at = 0;
    while (at < limit && !this.isHopeless) at += this.#step(bytes, at, limit, isEnd);
    this.#skipBytes = Math.max(0, at - bytes.length);
    const rest = bytes.subarray(Math.min(at, bytes.length));
    this.#pendingAt += bytes.length - rest.length;
    this.#pending = [rest];
    this.#pendingBytes = rest.length;
  }

  /** Judges what stands at `at`. @returns its length, which for a tag may pass the end of `bytes` */
  #step(bytes: Uint8Array, at: number, limit: number, isEnd: boolean): number {
    if (this.#lyricsBytes > 0) return this.#passLyrics(bytes, at, limit);
    const header = parseFrameHeader(bytes, at);
    if (header !== null && this.#isFrame(bytes, at, header, isEnd)) return this.#takeFrame(bytes, at, header);
    const tag = measureTag(bytes, at);
    if (tag === null) return this.#passJunk(bytes, at, limit);
    if (tag.kind === 'lyrics') this.#lyricsBytes = MAX_LYRICS_BYTES;
    return tag.bytes;
  }

  #isFrame(bytes: Uint8Array, at: number, header: FrameHeader, isEnd: boolean): boolean {
    const expected = this.#inStep && this.#last !== null && isSameKind(this.#last, header);
    if (expected) return at + header.frameBytes <= bytes.length;
    const isFirst = this.#last === null;
    return hasSuccessors(bytes, at, header, isEnd && isFirst);
  }

  #takeFrame(bytes: Uint8Array, at: number, header: FrameHeader): number {
    const info = readInfoFrame(bytes, at, header);
    if (info !== null) {
      this.encoderDelaySamples ??= info.encoderDelaySamples;
      this.encoderPaddingSamples ??= info.encoderPaddingSamples;
      this.toldFrameCount ??= info.frameCount;
      this.infoFrameCount += 1;
      this.#onInfoFrame();
    } else {
      if (!this.#inStep && this.audioBytes > 0) this.resyncCount += 1;
      this.audioBytes += header.frameBytes;
      this.frameAt = this.#pendingAt + at;
      this.#sink(bytes, at, header);
    }
    this.#last = header;
    this.#inStep = true;
    return header.frameBytes;
  }

  #passJunk(bytes: Uint8Array, at: number, limit: number): number {
    let next = at + 1;
    while (next < limit && parseFrameHeader(bytes, next) === null) {
      // Between sync words the search is the machine's; only where they are dense is it byte by byte.
      const sync = bytes[next + 1] === 0xff ? next + 1 : bytes.indexOf(0xff, next + 1);
      next = sync === -1 ? limit : sync;
    }
    const junk = Math.min(next, limit) - at;
    this.#inStep = false;
    this.junkBytes += junk;
    return junk;
  }

  #passLyrics(bytes: Uint8Array, at: number, limit: number): number {
    const found = findLyricsEnd(bytes, at, Math.min(limit, at + this.#lyricsBytes));
    this.#lyricsBytes = found.isEnd ? 0 : this.#lyricsBytes - (found.at - at);
    return found.at - at;
  }
}

/**
 * Whether the frames after this one agree with it, or the audio ends in good order before that many have come.
 * @param mayBeAlone a single frame at the end is believed too
 */
function hasSuccessors(bytes: Uint8Array, at: number, header: FrameHeader, mayBeAlone: boolean): boolean {
  let next = at + header.frameBytes;
  for (let seen = 0; seen < SUCCESSORS; seen += 1) {
    // Only at the end of the file is there no room for a header within the look-ahead.
    if (next + HEADER_BYTES > bytes.length) return seen > 0 || (mayBeAlone && next <= bytes.length);
    const successor = parseFrameHeader(bytes, next);
    if (successor === null || !isSameKind(successor, header)) {
      return measureTag(bytes, next) !== null && (seen > 0 || mayBeAlone);
    }
    next += successor.frameBytes;
  }
  return true;
}

function withoutId3v1(bytes: Uint8Array): Uint8Array {
  const start = bytes.length - ID3V1_BYTES;
  return start >= 0 && hasText(bytes, start, 'TAG') ? bytes.subarray(0, start) : bytes;
}

function joinChunks(chunks: readonly Uint8Array[]): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const joined = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
