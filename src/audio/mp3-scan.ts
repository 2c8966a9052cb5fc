import type { FrameSpan } from '../domain/frame-span.ts';
import { isSameKind } from './frame-header.ts';
import type { ChannelMode, FrameHeader, MpegVersion } from './frame-header.ts';
import { FrameSpanFinder } from './frame-span.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { FrameTotalsBuilder } from './frame-totals.ts';
import type { FrameTotals } from './frame-totals.ts';
import { MainDataWalk } from './main-data.ts';
import { chooseUnwoundForm } from './unwound-header.ts';

/** What an MP3 is made of, with tags, Info frames and garbage left out. Counts and bytes are of audio frames only. */
export interface Mp3Scan extends FrameTotals {
  /** Of the first frame, as are sample rate, channels and channel mode. */
  readonly version: MpegVersion;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly channelMode: ChannelMode;
  readonly samplesPerFrame: 576 | 1152;
  /** One version, sample rate and channel count throughout. */
  readonly uniform: boolean;
  /** Some frame needs bytes of the frames before it. */
  readonly usesReservoir: boolean;
  /** What the frames come to when each is made to stand on its own (`unwind.ts`). Null when none borrows, or when one
   * cannot: it is damaged, or would pass the highest bit rate. */
  readonly unwound: FrameTotals | null;
  /** Frames at the start whose main data was cut off with the frames before them; decoders play silence. */
  readonly orphanFrameCount: number;
  /** Frames whose side information says what it may not, or asks for bytes that are not there or belong to others. */
  readonly damagedFrameCount: number;
  /** How often frames went on only after bytes that are neither frame nor tag. */
  readonly resyncCount: number;
  /** Bytes that are neither frame nor tag, a last frame that was cut short included. */
  readonly junkBytes: number;
  /** Samples that a LAME extension says to drop at the start and the end. */
  readonly encoderDelaySamples?: number | undefined;
  readonly encoderPaddingSamples?: number | undefined;
  /** Null when something lies between the frames, or an Info frame tells of others. */
  readonly span: FrameSpan | null;
}

/**
 * Scans an MP3 that comes in chunks of any size (each is left alone by its producer afterwards). Time is linear in the
 * input and memory bounded but for the indexes, which take 16 bytes for each 64 frames.
 * @returns null when it is no MP3 of layer III, or one of free-format bit rate; often long before the source ends,
 * which is then closed
 */
export async function scanMp3(source: AsyncIterable<Uint8Array>): Promise<Mp3Scan | null> {
  const tally = new FrameTally();
  const splitter: FrameSplitter = new FrameSplitter(
    (bytes, start, header) => tally.add(bytes, start, header, splitter.frameAt),
    () => tally.breakOff(),
  );
  for await (const chunk of source) {
    splitter.push(chunk);
    if (splitter.isHopeless) return null;
  }
  splitter.end();
  return splitter.isHopeless ? null : tally.summarize(splitter);
}

/** What is counted over all frames. */
class FrameTally {
  readonly #totals = new FrameTotalsBuilder();
  readonly #unwound = new FrameTotalsBuilder();
  readonly #walk = new MainDataWalk();
  readonly #span = new FrameSpanFinder();
  #first: FrameHeader | null = null;
  #uniform = true;
  #usesReservoir = false;
  #canUnwind = true;
  #orphanFrameCount = 0;
  #damagedFrameCount = 0;

  add(bytes: Uint8Array, start: number, header: FrameHeader, frameAt: number): void {
    this.#first ??= header;
    if (!isSameKind(this.#first, header) || this.#first.channels !== header.channels) this.#uniform = false;
    this.#totals.add(header);
    this.#span.add(frameAt, header);
    const mainData = this.#walk.next(bytes, start, header);
    if (mainData.borrowedBytes > 0) this.#usesReservoir = true;
    if (mainData.state === 'orphan') this.#orphanFrameCount += 1;
    if (mainData.state === 'damaged') this.#damagedFrameCount += 1;
    const form = chooseUnwoundForm(header, mainData);
    if (form === null) this.#canUnwind = false;
    else this.#unwound.add(form.header);
  }

  breakOff(): void {
    this.#walk.breakOff();
  }

  summarize(splitter: FrameSplitter): Mp3Scan | null {
    const first = this.#first;
    if (first === null) return null;
    const canUnwind = this.#usesReservoir && this.#canUnwind && this.#damagedFrameCount === 0;
    const totals = this.#totals.build(first);
    return {
      ...totals,
      version: first.version,
      sampleRateHz: first.sampleRateHz,
      channels: first.channels,
      channelMode: first.channelMode,
      samplesPerFrame: first.samplesPerFrame,
      uniform: this.#uniform,
      usesReservoir: this.#usesReservoir,
      unwound: canUnwind ? this.#unwound.build(first) : null,
      orphanFrameCount: this.#orphanFrameCount,
      damagedFrameCount: this.#damagedFrameCount,
      resyncCount: splitter.resyncCount,
      junkBytes: splitter.junkBytes,
      encoderDelaySamples: splitter.encoderDelaySamples,
      encoderPaddingSamples: splitter.encoderPaddingSamples,
      span: this.#span.build(first, totals.index, splitter),
    };
  }
}
