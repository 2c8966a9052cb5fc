import type { FrameSpan } from '../domain/frame-span.ts';
import type { FrameHeader } from './frame-header.ts';
import { FRAMES_PER_ENTRY } from './frame-index.ts';
import type { FrameIndex } from './frame-index.ts';
import type { FrameSplitter } from './frame-splitter.ts';

/** A decoder of layer III is late by this much (gabriel.mp3-tech.org/mp3infotag.html); players take it off, too. */
const DECODER_DELAY_SAMPLES = 529;

/** Sees whether frames, told in order, follow each other without a gap. */
export class FrameSpanFinder {
  #startByte = 0;
  #nextAt: number | null = null;
  #isUnbroken = true;

  add(frameAt: number, header: FrameHeader): void {
    if (this.#nextAt === null) this.#startByte = frameAt;
    else if (frameAt !== this.#nextAt) this.#isUnbroken = false;
    this.#nextAt = frameAt + header.frameBytes;
  }

  /** @returns null when something lies between the frames, or the Info frame tells of others: then nobody knows what decoders make of it */
  build(first: FrameHeader, index: FrameIndex, splitter: FrameSplitter): FrameSpan | null {
    const { infoFrameCount, toldFrameCount, encoderDelaySamples, encoderPaddingSamples = 0 } = splitter;
    const isTold = infoFrameCount === 0 || (infoFrameCount === 1 && toldFrameCount === index.frameCount);
    if (!this.#isUnbroken || !isTold || splitter.junkBytes > 0) return null;
    const samples = index.frameCount * first.samplesPerFrame;
    const hasDelay = encoderDelaySamples !== undefined;
    const droppedSamples = hasDelay ? encoderDelaySamples + DECODER_DELAY_SAMPLES : 0;
    const cutSamples = hasDelay ? Math.max(0, encoderPaddingSamples - DECODER_DELAY_SAMPLES) : 0;
    return {
      sampleRateHz: first.sampleRateHz,
      samplesPerFrame: first.samplesPerFrame,
      startByte: this.#startByte,
      offsets: index.offsets,
      framesPerOffset: FRAMES_PER_ENTRY,
      droppedSamples,
      decodedSamples: Math.max(0, samples - cutSamples - droppedSamples),
    };
  }
}
