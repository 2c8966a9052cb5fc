import type { ChannelMode, MpegVersion } from './frame-header.ts';
import type { FrameIndex } from './frame-index.ts';

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
