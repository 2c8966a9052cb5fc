type Cut = (text: string) => Iterable<string>;

/** Made by the first who needs it: the three take 25 ms, and a function that starts for a listener speaks nothing. */
function segmenter(granularity: 'sentence' | 'word' | 'grapheme'): (text: string) => Intl.Segments {
  let made: Intl.Segmenter | undefined;
  return (text) => (made ??= new Intl.Segmenter(undefined, { granularity })).segment(text);
}

const bySentence = segmenter('sentence');
const byWord = segmenter('word');
const byGrapheme = segmenter('grapheme');

/** Where a clause ends: between letters a comma may belong to a number, unless the script writes without blanks. */
const CLAUSE_END = /[,;:–—](?=\s)|[、，；：،؛]/gu;

/** Where a text is cut, best first. What comes out of a cut is, joined, what went into it. */
const CUTS: readonly Cut[] = [
  (text) => text.split(/(?<=\n\n)/),
  cutSentences,
  cutClauses,
  cutWords,
  (text) => Array.from(byGrapheme(text), ({ segment }) => segment),
  // Marks without end on one letter: there is no better place.
  (text) => text,
];

/** By code point. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _character of text) count += 1;
  return count;
}

/**
 * Cuts a text into pieces of at most `maxCharacters` code points: at the ends of paragraphs, of a paragraph that is too
 * long at those of its sentences, and so on by clauses, words and characters as people count them (Unicode Standard Annex
 * 29). Joined, the pieces are the text, but for the blanks at the cuts.
 */
export function splitText(text: string, maxCharacters: number): string[] {
  return cutText(text, maxCharacters)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '');
}

/** As `splitText`, with the blanks: joined, the pieces are the text. */
export const cutText = (text: string, maxCharacters: number): string[] => cutBy(0, text, maxCharacters);

/** Its sentences, in any script, each on one line and without blanks around it. */
export function sentencesOf(text: string): string[] {
  return text
    .split('\n\n')
    .flatMap((paragraph) => [...cutSentences(paragraph)])
    .map((sentence) => sentence.replace(/\s+/g, ' ').trim())
    .filter((sentence) => sentence !== '');
}

/** Sentence by sentence; a line break alone ends none. Joined, they are the text. */
export function cutSentences(text: string): Iterable<string> {
  return Array.from(bySentence(text.replaceAll('\n', ' ')), ({ segment, index }) =>
    text.slice(index, index + segment.length),
  );
}

function cutBy(level: number, text: string, maxCharacters: number): string[] {
  const cut = CUTS[level];
  if (cut === undefined || isWithin(text, maxCharacters)) return [text];
  const pieces: string[] = [];
  let piece = '';
  let pieceCharacters = 0;
  const end = () => {
    if (piece !== '') pieces.push(piece);
    piece = '';
    pieceCharacters = 0;
  };
  for (const unit of cut(text)) {
    const characters = characterCount(unit);
    if (pieceCharacters + characters > maxCharacters) end();
    if (characters > maxCharacters) {
      for (const part of cutBy(level + 1, unit, maxCharacters)) pieces.push(part);
    } else {
      piece += unit;
      pieceCharacters += characters;
    }
  }
  end();
  return pieces;
}

/** UTF-16 units bound the length from above, so that most texts are not counted. */
const isWithin = (text: string, maxCharacters: number): boolean =>
  text.length <= maxCharacters || characterCount(text) <= maxCharacters;

function* cutClauses(text: string): Iterable<string> {
  let start = 0;
  for (const { index } of text.matchAll(CLAUSE_END)) {
    yield text.slice(start, index + 1);
    start = index + 1;
  }
  if (start < text.length) yield text.slice(start);
}

/** A word with the punctuation and the blanks behind it. */
function* cutWords(text: string): Iterable<string> {
  let word = '';
  for (const { segment, isWordLike = false } of byWord(text)) {
    if (isWordLike && word !== '') {
      yield word;
      word = '';
    }
    word += segment;
  }
  if (word !== '') yield word;
}
