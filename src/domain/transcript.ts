/** A stretch of speech, in the time of the recording. */
export interface TranscriptSegment {
  readonly startMs: number;
  /** At least `startMs`. */
  readonly endMs: number;
  /** One line, without spaces around it. */
  readonly text: string;
}

/** What is said in a recording. */
export interface Transcript {
  /** In the order of time. */
  readonly segments: readonly TranscriptSegment[];
  /** All of it, where nobody knows what is said when; there are no segments then. */
  readonly text?: string | undefined;
  /** BCP 47, as the engine told it or the caller: `en`, `en-US`. Absent when nobody did. */
  readonly language?: string | undefined;
  /** What it is from: `id` of an engine (speech-to-text.ts), `edited` by a person, or `text` that was spoken. */
  readonly source: string;
}
