/** The frames of an MP3 between which nothing lies, so that a decoder may be made to begin at any of them. */
export interface FrameSpan {
  readonly sampleRateHz: number;
  readonly samplesPerFrame: number;
  /** Of the file, where the first frame begins. */
  readonly startByte: number;
  /** From there on, where every `framesPerOffset`th frame begins. */
  readonly offsets: readonly number[];
  readonly framesPerOffset: number;
  /** What decoders drop at the start, since the encoder says that it is no sound; … */
  readonly droppedSamples: number;
  /** … and what they pass on in all. */
  readonly decodedSamples: number;
}
