import { ValidationError } from './app-error.ts';

/** More words than this in one search are a mistake or an attack. */
export const MAX_SEARCH_WORDS = 50;
export const MAX_SNIPPET_LENGTH = 200;

// A letter or digit, with the marks that belong to it. Everything else parts words, "_" and "-" too, so that
// `my_story-2` is found by `story`.
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const CONTEXT_BEFORE = 40;

/**
 * The words of a text as they are compared: without case and accents (`Éléphants` → `elephants`, `Straße` →
 * `strasse`). The one rule for what is searched and what is searched for, so that every store finds the same.
 */
export function searchableWords(text: string): string[] {
  return Array.from(text.matchAll(WORD), (match) => foldWord(match[0]));
}

/**
 * The words that somebody searches for, each once. The ending `.mp3`, which every file name has, is left out.
 * @throws {ValidationError} past 50 words
 */
export function parseSearch(text: string): string[] {
  const words = new Set(searchableWords(text.replace(/\.mp3(?=\s|$)/gi, ' ')));
  if (words.size > MAX_SEARCH_WORDS) {
    throw new ValidationError('query', `A search has at most ${MAX_SEARCH_WORDS} words.`);
  }
  return [...words];
}

/**
 * `text`, or the part of it around the first hit, with each word that begins with one of `words` between `**`.
 * @returns null without a hit; at most 200 characters
 */
export function markMatches(text: string, words: readonly string[]): string | null {
  const pieces = splitAtWords(text.replace(/\s+/g, ' ').trim(), words);
  const firstHit = pieces.findIndex((piece) => piece.isHit);
  if (firstHit === -1) return null;

  const whole = pieces.map(marked).join('');
  if (whole.length <= MAX_SNIPPET_LENGTH) return whole;

  let start = firstHit;
  for (let before = 0; start > 0; start -= 1) {
    before += pieces[start - 1]?.text.length ?? 0;
    if (before > CONTEXT_BEFORE) break;
  }
  let snippet = start > 0 ? '…' : '';
  for (const [offset, piece] of pieces.slice(start).entries()) {
    const next = snippet + (offset === 0 ? marked(piece).trimStart() : marked(piece));
    if (next.length >= MAX_SNIPPET_LENGTH) {
      // One word longer than a snippet: its beginning.
      const hasHit = start + offset > firstHit;
      return `${hasHit ? snippet : marked({ text: cut(piece.text), isHit: true })}…`;
    }
    snippet = next;
  }
  return snippet;
}

interface Piece {
  readonly text: string;
  readonly isHit: boolean;
}

function splitAtWords(text: string, words: readonly string[]): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), isHit: false });
    const folded = foldWord(match[0]);
    pieces.push({ text: match[0], isHit: words.some((word) => folded.startsWith(word)) });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isHit: false });
  return pieces;
}

const foldWord = (word: string): string => (/^[a-z0-9]*$/i.test(word) ? word.toLowerCase() : foldText(word));

/** A text in which each of its words stands as it is compared. */
export function foldText(text: string): string {
  // Upper case first: it writes "ß" and the ligatures out. A final sigma is a sigma.
  const lower = text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
  return lower.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

const marked = (piece: Piece): string => (piece.isHit ? `**${piece.text}**` : piece.text);

// Half a snippet in characters is at most a whole one in UTF-16.
const cut = (word: string): string =>
  Array.from(word)
    .slice(0, MAX_SNIPPET_LENGTH / 2 - 5)
    .join('');
