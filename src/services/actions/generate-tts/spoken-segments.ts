import { characterCount, sentencesOf, splitText } from '../../../domain/split-text.ts';
import type { TranscriptSegment } from '../../../domain/transcript.ts';

/** Where a piece of a text lies in the sound. */
export interface SpokenPiece {
  readonly spoken: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Two lines of subtitles take no more. */
const MAX_SEGMENT_CHARACTERS = 200;

/** The sentences of a piece, each with a share of its time as large as its share of the characters. */
export function segmentsOf({ spoken, startMs, endMs }: SpokenPiece): TranscriptSegment[] {
  const sentences = sentencesOf(spoken).flatMap((sentence) => splitText(sentence, MAX_SEGMENT_CHARACTERS));
  const lengths = sentences.map(characterCount);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const timeAt = (characters: number) => Math.round(startMs + ((endMs - startMs) * characters) / total);
  let done = 0;
  return sentences.map((text, index) => {
    const start = timeAt(done);
    done += lengths[index] ?? 0;
    return { startMs: start, endMs: timeAt(done), text };
  });
}
