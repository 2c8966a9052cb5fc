import { isSameKind } from './frame-header.ts';
import type { ChannelMode, FrameHeader, MpegVersion } from './frame-header.ts';
import { FrameIndexBuilder } from './frame-index.ts';
import type { FrameIndex } from './frame-index.ts';
import { FrameSplitter } from './frame-splitter.ts';
import { mainDataBegin, mainDataBytes, mainDataRoom } from './side-information.ts';

/** What an MP3 is made of, with tags, Info frames and garbage left out. Counts and bytes are of audio frames only. */
export interface Mp3Scan {
  /** Of the first frame, as are sample rate, channels and channel mode. */
  readonly version: MpegVersion;
  readonly sampleRateHz: number;
  readonly channels: 1 | 2;
  readonly channelMode: ChannelMode;
  readonly samplesPerFrame: 576 | 1152;
  /** One version, sample rate and channel count throughout. */
  readonly uniform: boolean;
  readonly frameCount: number;
  readonly audioBytes: number;
  readonly constantBitrate: boolean;
  /** Average over all frames, rounded. */
  readonly bitrateKbps: number;
  readonly minBitrateKbps: number;
  readonly maxBitrateKbps: number;
  /** Some frame needs bytes of the frames before it. */
  readonly usesReservoir: boolean;
  /** Frames whose side information asks for more bytes than there are. */
  readonly damagedFrameCount: number;
  /** How often frames went on only after bytes that are neither frame nor tag. */
  readonly resyncCount: number;
  /** Bytes that are neither frame nor tag, a last frame that was cut short included. */
  readonly junkBytes: number;
  /** Samples that a LAME extension says to drop at the start and the end. */
  readonly encoderDelaySamples?: number | undefined;
  readonly encoderPaddingSamples?: number | undefined;
  readonly index: FrameIndex;
}

/**
 * Scans an MP3 that comes in chunks of any size (each is left alone by its producer afterwards). Time is linear in the
 * input and memory bounded but for the index, which takes 8 bytes for each 64 frames.
 * @returns null when it is no MP3 of layer III, or one of free-format bit rate; often long before the source ends,
 * which is then closed
 */
export async function scanMp3(source: AsyncIterable<Uint8Array>): Promise<Mp3Scan | null> {
  const tally = new FrameTally();
  const splitter = new FrameSplitter((bytes, start, header) => tally.add(bytes, start, header));
  for await (const chunk of source) {
    splitter.push(chunk);
    if (splitter.isHopeless) return null;
  }
  splitter.end();
  return splitter.isHopeless ? null : tally.summarize(splitter);
}

/** What is counted over all frames. */
class FrameTally {
  readonly #index = new FrameIndexBuilder();
  #first: FrameHeader | null = null;
  #uniform = true;
  #minBitrateKbps = Infinity;
  #maxBitrateKbps = 0;
  #usesReservoir = false;
  #damagedFrameCount = 0;

  add(bytes: Uint8Array, start: number, header: FrameHeader): void {
    this.#first ??= header;
    if (!isSameKind(this.#first, header) || this.#first.channels !== header.channels) this.#uniform = false;
    this.#minBitrateKbps = Math.min(this.#minBitrateKbps, header.bitrateKbps);
    this.#maxBitrateKbps = Math.max(this.#maxBitrateKbps, header.bitrateKbps);
    const borrowedBytes = mainDataBegin(bytes, start, header);
    if (borrowedBytes > 0) this.#usesReservoir = true;
    if (mainDataBytes(bytes, start, header) > borrowedBytes + mainDataRoom(header))
      this.#damagedFrameCount += 1;
    this.#index.add(header.frameBytes);
  }

  summarize(splitter: FrameSplitter): Mp3Scan | null {
    const first = this.#first;
    if (first === null) return null;
    const index = this.#index.build();
    const seconds = (index.frameCount * first.samplesPerFrame) / first.sampleRateHz;
    return {
      version: first.version,
      sampleRateHz: first.sampleRateHz,
      channels: first.channels,
      channelMode: first.channelMode,
      samplesPerFrame: first.samplesPerFrame,
      uniform: this.#uniform,
      frameCount: index.frameCount,
      audioBytes: index.audioBytes,
      constantBitrate: this.#minBitrateKbps === this.#maxBitrateKbps,
      bitrateKbps:
        this.#minBitrateKbps === this.#maxBitrateKbps
          ? this.#minBitrateKbps
          : Math.round((index.audioBytes * 8) / 1000 / seconds),
      minBitrateKbps: this.#minBitrateKbps,
      maxBitrateKbps: this.#maxBitrateKbps,
      usesReservoir: this.#usesReservoir,
      damagedFrameCount: this.#damagedFrameCount,
      resyncCount: splitter.resyncCount,
      junkBytes: splitter.junkBytes,
      encoderDelaySamples: splitter.encoderDelaySamples,
      encoderPaddingSamples: splitter.encoderPaddingSamples,
      index,
    };
  }
}
