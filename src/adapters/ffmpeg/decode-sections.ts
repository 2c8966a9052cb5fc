import type { FrameSpan } from '../../domain/frame-span.ts';
import { METER_RATE_HZ, STRETCHES_PER_SECOND } from './sound-summary.ts';

/** A section of a sound that one run of ffmpeg decodes for the meter. */
export interface DecodeSection {
  /** Of the file, where a frame begins to decode from; 0 is the file's own beginning, with all that stands there. */
  readonly startByte: number;
  /** What comes out before this is not passed on: the decoder is still getting into step. */
  readonly startSample: number;
  /** What comes out from here on is not passed on. */
  readonly endSample: number;
  /** Whole stretches of 100 ms that it begins with and that belong to the section before. */
  readonly runInStretches: number;
  /** Whole stretches that belong to it. */
  readonly stretches: number;
}

/** Below this, starting another ffmpeg costs more than it saves. */
const MIN_SECTION_SECONDS = 60;
/** Until then the filters of the meter have forgotten that they began in the middle: what they remember of a highest
 * sample is below the precision of their numbers. One more stretch is there to compare. */
const RUN_IN_STRETCHES = 4;
/** A frame may reach back into eight or nine others, overlaps with one, and the synthesis looks back by half of one. */
const RUN_IN_FRAMES = 16;

/**
 * Divides the sound into sections of equal length, on the borders of stretches. Each but the first begins to decode some
 * frames early, so that what it passes on is the same, sample for sample, as if the whole were decoded.
 * @returns one or none when it is too short, or not in the meter's sample rate
 */
export function planDecodeSections(span: FrameSpan, maxSections: number): DecodeSection[] {
  if (span.sampleRateHz !== METER_RATE_HZ) return [];
  const samplesPerStretch = METER_RATE_HZ / STRETCHES_PER_SECOND;
  const stretches = Math.floor(span.decodedSamples / samplesPerStretch);
  const count = Math.min(maxSections, Math.floor(stretches / (MIN_SECTION_SECONDS * STRETCHES_PER_SECOND)));
  const borders = Array.from({ length: count + 1 }, (_, index) => Math.floor((index * stretches) / count));
  return borders.slice(1).map((endStretch, index) => {
    const startStretch = borders[index] ?? 0;
    const isLast = index === count - 1;
    const endSample = isLast ? span.decodedSamples : endStretch * samplesPerStretch;
    const belongs = { stretches: endStretch - startStretch };
    if (startStretch === 0) return { ...belongs, startByte: 0, startSample: 0, endSample, runInStretches: 0 };
    const wantedSample = (startStretch - RUN_IN_STRETCHES) * samplesPerStretch;
    const { byte, sample } = seekBefore(span, wantedSample);
    return {
      ...belongs,
      startByte: byte,
      startSample: wantedSample - sample,
      endSample: endSample - sample,
      runInStretches: RUN_IN_STRETCHES,
    };
  });
}

/** Where to begin to decode, and which sample comes out first, counted as a decoder of the whole would. */
function seekBefore(span: FrameSpan, wantedSample: number): { byte: number; sample: number } {
  const { samplesPerFrame, framesPerOffset, droppedSamples, offsets } = span;
  const wantedFrame = Math.floor((wantedSample + droppedSamples) / samplesPerFrame) - RUN_IN_FRAMES;
  const entry = Math.floor(wantedFrame / framesPerOffset);
  const offset = offsets[entry];
  if (offset === undefined) throw new RangeError('The frames end before their own count.');
  return {
    byte: span.startByte + offset,
    sample: entry * framesPerOffset * samplesPerFrame - droppedSamples,
  };
}
