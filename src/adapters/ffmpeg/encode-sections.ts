import type { AudioProfile } from '../../domain/media-tool.ts';
import { METER_RATE_HZ, STRETCHES_PER_SECOND } from './sound-summary.ts';

/** A section of a sound that one run of ffmpeg encodes, and meters where there is a limiter. */
export interface EncodeSection {
  /** In cycles of frames, where it begins in the sound. */
  readonly startCycle: number;
  /** In samples of the sound, where it begins, … */
  readonly startSample: number;
  /** … and ends: some frames into the next one. Infinity for the last one, which goes to the end of the sound. */
  readonly endSample: number;
  /** In samples of the section, what of it is metered. */
  readonly meterStartSample: number;
  readonly meterEndSample: number;
  /** Whole stretches of 100 ms that the meter begins with and that belong to the section before. */
  readonly runInStretches: number;
  /** Whole stretches that belong to it. */
  readonly stretches: number;
}

/** Frames after which the lengths of the frames of a constant bit rate repeat themselves. */
export interface FrameCycle {
  readonly samples: number;
  readonly bytes: number;
}

/** Of MPEG-1, which the meter's rate belongs to. */
const SAMPLES_PER_FRAME = 1152;
/** Below this, starting another ffmpeg costs more than it saves. */
const MIN_SECTION_SECONDS = 60;
/** Every section decodes what comes before it, too, and throws it away: more of them would decode more than they save. */
const MAX_SECTIONS = 4;
/** So that what is compared is more than one lucky frame, and seconds. */
const MIN_CYCLE_FRAMES = 49;
/** By then limiter and encoder have forgotten that they began in the middle: both take up to 70 frames. The last cycle
 * is compared. */
export const RUN_IN_CYCLES = 4;
/** The encoder looks ahead: its last frames know of the end. */
const RUN_OUT_SAMPLES = 16 * SAMPLES_PER_FRAME;
const SAMPLES_PER_STRETCH = METER_RATE_HZ / STRETCHES_PER_SECOND;
/** As the meter's own filters need. */
const METER_RUN_IN_STRETCHES = 4;

/** ISO/IEC 11172-3, 2.4.3.1: samples / 8 bits × bit rate / sample rate, and a padding slot wherever a byte is full. */
export function frameCycle({ sampleRateHz, bitrateKbps }: AudioProfile): FrameCycle {
  const byteRateTimesFrame = (SAMPLES_PER_FRAME / 8) * bitrateKbps * 1000;
  const repeating = sampleRateHz / greatestCommonDivisor(byteRateTimesFrame, sampleRateHz);
  const frames = repeating * Math.ceil(MIN_CYCLE_FRAMES / repeating);
  return { samples: frames * SAMPLES_PER_FRAME, bytes: (frames * byteRateTimesFrame) / sampleRateHz };
}

/**
 * Divides a sound into sections of about equal length. Each but the first begins where a cycle of frames does and
 * overlaps with the one before, so that a run of frames which both come to says where they can be joined.
 * @param durationMs about how long the sound is; the last section goes to wherever it ends
 * @returns one or none when it is too short, or not in the meter's sample rate
 */
export function planEncodeSections(
  profile: AudioProfile,
  durationMs: number,
  maxSections: number,
): EncodeSection[] {
  if (profile.sampleRateHz !== METER_RATE_HZ) return [];
  const seconds = durationMs / 1000;
  const count = Math.min(maxSections, MAX_SECTIONS, Math.floor(seconds / MIN_SECTION_SECONDS));
  const cycle = frameCycle(profile);
  const cycles = Math.floor((seconds * METER_RATE_HZ) / cycle.samples);
  const starts = Array.from({ length: count }, (_, index) => Math.floor((index * cycles) / count));
  return starts.map((startCycle, index) => {
    const startSample = startCycle * cycle.samples;
    const next = starts[index + 1];
    const isFirst = index === 0;
    const ownStretch = isFirst ? 0 : meterBorder(startCycle, cycle);
    const nextStretch = next === undefined ? Infinity : meterBorder(next, cycle);
    const runInStretches = isFirst ? 0 : METER_RUN_IN_STRETCHES;
    return {
      startCycle,
      startSample,
      endSample: next === undefined ? Infinity : (next + RUN_IN_CYCLES) * cycle.samples + RUN_OUT_SAMPLES,
      meterStartSample: toSample(ownStretch - runInStretches) - startSample,
      meterEndSample: toSample(nextStretch) - startSample,
      runInStretches,
      stretches: nextStretch - ownStretch,
    };
  });
}

/** The first stretch that is a section's own: the limiter, and then the meter, are in step by then. */
function meterBorder(startCycle: number, { samples }: FrameCycle): number {
  return Math.ceil(((startCycle + RUN_IN_CYCLES - 1) * samples) / SAMPLES_PER_STRETCH);
}

const toSample = (stretch: number): number => stretch * SAMPLES_PER_STRETCH;

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
