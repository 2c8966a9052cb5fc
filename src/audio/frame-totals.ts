import type { FrameHeader } from './frame-header.ts';
import { FrameIndexBuilder } from './frame-index.ts';
import type { FrameIndex } from './frame-index.ts';

/** What a run of audio frames comes to. */
export interface FrameTotals {
  readonly frameCount: number;
  readonly audioBytes: number;
  readonly constantBitrate: boolean;
  /** Average over all frames, rounded. */
  readonly bitrateKbps: number;
  readonly minBitrateKbps: number;
  readonly maxBitrateKbps: number;
  readonly index: FrameIndex;
}

/** Counts frames, in order. Memory grows by 8 bytes for each 64 frames. */
export class FrameTotalsBuilder {
  readonly #index = new FrameIndexBuilder();
  #minBitrateKbps = Infinity;
  #maxBitrateKbps = 0;

  add({ bitrateKbps, frameBytes }: FrameHeader): void {
    this.#minBitrateKbps = Math.min(this.#minBitrateKbps, bitrateKbps);
    this.#maxBitrateKbps = Math.max(this.#maxBitrateKbps, bitrateKbps);
    this.#index.add(frameBytes);
  }

  /** @param first the header of the first of the frames, of which there is at least one */
  build({ samplesPerFrame, sampleRateHz }: FrameHeader): FrameTotals {
    const index = this.#index.build();
    const constantBitrate = this.#minBitrateKbps === this.#maxBitrateKbps;
    const seconds = (index.frameCount * samplesPerFrame) / sampleRateHz;
    const averageKbps = Math.round((index.audioBytes * 8) / 1000 / seconds);
    return {
      frameCount: index.frameCount,
      audioBytes: index.audioBytes,
      constantBitrate,
      bitrateKbps: constantBitrate ? this.#minBitrateKbps : averageKbps,
      minBitrateKbps: this.#minBitrateKbps,
      maxBitrateKbps: this.#maxBitrateKbps,
      index,
    };
  }
}
