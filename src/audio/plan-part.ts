import type { PlayablePart } from '../domain/audio-file.ts';

/** What a plan needs to know of a part. */
export type PlanPart = Pick<
  PlayablePart,
  | 'key'
  | 'sha256'
  | 'sizeBytes'
  | 'audioStartByte'
  | 'audioBytes'
  | 'frameCount'
  | 'samplesPerFrame'
  | 'sampleRateHz'
  | 'constantBitrate'
  | 'bitrateKbps'
>;
