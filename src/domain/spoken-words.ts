import type { TranscriptSegment } from './transcript.ts';

/** A word as an engine heard it, with the punctuation that belongs to it. */
export type SpokenWord = TranscriptSegment;

const MAX_SEGMENT_MS = 10_000;
const MAX_WORDS = 15;
/** Within a sentence people pause for less. */
const PAUSE_MS = 600;
const SENTENCE_END = /[.!?…。！？]["'”’)\]]*$/u;
/** Their words are written without spaces in between. */
const UNSPACED =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

/**
 * Words put together to lines that can be read: each ends with its sentence, before a pause, or when it has grown long.
 * @param words in the order of time
 */
export function segmentsOfWords(words: readonly SpokenWord[]): TranscriptSegment[] {
  const segments: TranscriptSegment[] = [];
  let line: SpokenWord[] = [];
  const close = () => {
    const [first] = line;
    if (first !== undefined) {
      const endMs = Math.max(...line.map((word) => word.endMs));
      segments.push({ startMs: first.startMs, endMs, text: joinWords(line.map(({ text }) => text)) });
    }
    line = [];
  };
  for (const word of words) {
    const [first] = line;
    const last = line.at(-1);
    const isNew =
      first !== undefined &&
      last !== undefined &&
      (word.startMs - last.endMs >= PAUSE_MS ||
        word.endMs - first.startMs > MAX_SEGMENT_MS ||
        line.length >= MAX_WORDS);
    if (isNew) close();
    line.push(word);
    if (SENTENCE_END.test(word.text)) close();
  }
  close();
  return segments;
}

function joinWords(words: readonly string[]): string {
  return words.reduce((line, word) => {
    const last = [...line].at(-1) ?? '';
    const isUnspaced = line === '' || (UNSPACED.test(word) && (UNSPACED.test(last) || /\p{P}/u.test(last)));
    return isUnspaced ? line + word : `${line} ${word}`;
  }, '');
}

/** Sentences of which nobody says when they were spoken, each as much of the time as it is of the text. */
export function spreadText(
  text: string,
  { startMs, endMs }: Pick<TranscriptSegment, 'startMs' | 'endMs'>,
): TranscriptSegment[] {
  const sentences = [...new Intl.Segmenter(undefined, { granularity: 'sentence' }).segment(text)];
  const msAt = (characters: number) => startMs + (characters / text.length) * (endMs - startMs);
  return sentences.map(({ segment, index }) => ({
    startMs: msAt(index),
    endMs: msAt(index + segment.length),
    text: segment,
  }));
}

/**
 * What engines give, as {@link TranscriptSegment} has it: in order, inside the piece, each one line, none empty.
 * @param durationMs of the piece
 */
export function tidySegments(
  segments: readonly TranscriptSegment[],
  durationMs: number,
): TranscriptSegment[] {
  const inside = (ms: number) => Math.round(Math.min(Math.max(Number.isFinite(ms) ? ms : 0, 0), durationMs));
  return segments
    .map(({ startMs, endMs, text }) => ({
      startMs: inside(startMs),
      endMs: Math.max(inside(startMs), inside(endMs)),
      // Control characters too: no engine speaks them, and no file of subtitles can hold them.
      text: text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim(),
    }))
    .filter(({ text }) => text !== '')
    .sort((a, b) => a.startMs - b.startMs);
}
