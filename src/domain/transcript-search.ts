import type { FieldMatch } from './audio-file.ts';
import { foldText, markMatches, searchableWords } from './search-text.ts';
import type { Transcript, TranscriptSegment } from './transcript.ts';
import { cutTranscriptWord } from './transcript-words.ts';

/**
 * Where a transcript says the words of a search: the segment that says most of them, the first of several, with its
 * neighbours where they say others.
 * @returns null where it says none
 */
export function findInTranscript(
  { segments, text }: Transcript,
  searched: readonly string[],
): FieldMatch | null {
  const words = searched.map(cutTranscriptWord);
  if (text !== undefined) {
    const snippet = markMatches(text, words);
    return snippet === null ? null : { field: 'transcript', snippet };
  }
  let best = { place: -1, said: new Set<string>() };
  for (const [place, segment] of segments.entries()) {
    const said = wordsSaid(segment, words);
    if (said.size > best.said.size) best = { place, said };
    if (said.size === words.length) break;
  }
  const middle = segments[best.place];
  if (middle === undefined) return null;
  const adds = (segment: TranscriptSegment | undefined): boolean =>
    segment !== undefined && [...wordsSaid(segment, words)].some((word) => !best.said.has(word));
  const before = segments[best.place - 1];
  const after = segments[best.place + 1];
  const first = before !== undefined && adds(before) ? before : middle;
  const shown = [first, ...(first === middle ? [] : [middle]), ...(adds(after) ? [after] : [])];
  const snippet = markMatches(shown.map((segment) => segment?.text ?? '').join(' '), words);
  return snippet === null ? null : { field: 'transcript', snippet, startMs: first.startMs };
}

/** Those of the words that begin one of the segment. */
function wordsSaid(segment: TranscriptSegment, words: readonly string[]): Set<string> {
  // Most segments say none: to cut ten hours of speech into words for each search would take too long.
  const folded = foldText(segment.text);
  const likely = words.filter((word) => folded.includes(word));
  if (likely.length === 0) return new Set();
  const said = searchableWords(segment.text);
  return new Set(likely.filter((word) => said.some((one) => one.startsWith(word))));
}
