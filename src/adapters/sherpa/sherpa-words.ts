import { segmentsOfWords, spreadText, type SpokenWord } from '../../domain/spoken-words.ts';
import type { TranscriptSegment } from '../../domain/transcript.ts';
import type { SherpaStretch } from './sherpa-job.ts';

/** Beyond it a token that nothing follows has ended. */
const MAX_TOKEN_MS = 400;
const WORD_START = /^[ ▁]/;
const GLUED_TO_NEXT = /@@$/;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
const PUNCTUATION = /^[\p{P}]+$/u;

/** Lines of what is said in a stretch, by the times of its tokens where there are any. */
export function segmentsOfStretch(stretch: SherpaStretch): TranscriptSegment[] {
  const { text, tokens, timestamps } = stretch;
  const isTimed = tokens.length > 0 && timestamps.length === tokens.length;
  const segments = isTimed ? segmentsOfWords(wordsOf(stretch)) : spreadText(text, stretch);
  // Some models know capitals only.
  if (!/\p{Lu}/u.test(text) || /\p{Ll}/u.test(text)) return segments;
  return segments.map((segment) => ({ ...segment, text: segment.text.toLowerCase() }));
}

/**
 * Words from pieces of words: `▁he` or ` he` begins one where a model marks that at all, `hel@@` is followed by more of
 * its word, and a character of Chinese or Japanese is one by itself.
 */
function wordsOf({ startMs, endMs, tokens, timestamps }: SherpaStretch): SpokenWord[] {
  const marksStarts = tokens.some((token) => WORD_START.test(token));
  const words: SpokenWord[] = [];
  let isOpen = false;
  for (const [at, token] of tokens.entries()) {
    const tokenStartMs = startMs + (timestamps[at] ?? 0) * 1000;
    const nextMs = startMs + (timestamps[at + 1] ?? Infinity) * 1000;
    const tokenEndMs = Math.min(nextMs, tokenStartMs + MAX_TOKEN_MS, endMs);
    const text = token.replace(WORD_START, '').replace(GLUED_TO_NEXT, '');
    const last = words.at(-1);
    const continues = marksStarts ? !WORD_START.test(token) && !UNSPACED.test(token) : isOpen;
    if (last !== undefined && (continues || PUNCTUATION.test(text))) {
      words[words.length - 1] = { ...last, endMs: tokenEndMs, text: last.text + text };
    } else if (text !== '' || marksStarts) {
      words.push({ startMs: tokenStartMs, endMs: tokenEndMs, text });
    }
    isOpen = GLUED_TO_NEXT.test(token);
  }
  return words.filter(({ text }) => text !== '');
}
