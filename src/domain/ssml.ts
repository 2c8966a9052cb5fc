import { AppError, ValidationError } from './app-error.ts';
import { isSpeakable } from './speech-text.ts';
import { characterCount, cutSentences, cutText } from './split-text.ts';

interface SsmlTag<Kind extends string> {
  readonly kind: Kind;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a document is made of, in its order. `empty`: an element with nothing in it. */
export type SsmlNode =
  | SsmlTag<'open'>
  | SsmlTag<'empty'>
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/**
 * Reads a document whole: its elements are closed in their order, and there is one outermost.
 * @throws invalid_input naming `text`, for what is not well-formed, and for a document type
 */
export type ReadSsml = (document: string) => SsmlNode[];

/** What an engine is given at a time. */
export interface SpeechPiece {
  /** Text, or a `<speak>` document. */
  readonly content: string;
  /** What is heard of it, as text; empty where there is but a pause. */
  readonly spoken: string;
}

/** What cannot be torn apart: they say how all that is in them is spoken. */
const WHOLE = new Set(['audio', 'desc', 'phoneme', 'say-as', 'sub', 'token', 'w']);
/** Words on their two sides are two words. */
const APART = new Set(['audio', 'break', 'p', 's', 'speak']);
/** For the longest that a character becomes, `&amp;`, and one beside it. */
const LEAST_ROOM = 8;

export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/**
 * Cuts a `<speak>` document into documents of at most `maxCharacters` code points, markup included: at the ends of
 * sentences, or where `splitText` would. What is open at a cut is closed before it and opened again behind it.
 * @throws {ValidationError} naming `text`, when its outermost element is another, when nothing in it is spoken, and when
 * there is no room for what cannot be torn apart
 */
export function splitSsml(nodes: readonly SsmlNode[], maxCharacters: number): SpeechPiece[] {
  const [root] = nodes;
  if (root === undefined || root.kind === 'close' || root.kind === 'text' || root.name !== 'speak') {
    throw unusable('The outermost element is not "speak".');
  }
  const writer = new PieceWriter(maxCharacters);
  for (const node of joinWhole(nodes)) {
    if (node.kind === 'open') writer.open(node.name, openTag(node));
    else if (node.kind === 'close') writer.close(node.name);
    else if (node.kind === 'text') writer.text(node.text);
    else writer.whole(node.markup, node.spoken);
  }
  const pieces = writer.end();
  if (!pieces.some(({ spoken }) => isSpeakable(spoken))) {
    throw unusable('There is nothing in this text that can be spoken.');
  }
  return pieces;
}

type PassedNode = Exclude<SsmlNode, SsmlTag<'empty'>>;
type JoinedNode = PassedNode | { readonly kind: 'whole'; readonly markup: string; readonly spoken: string };

/** With each element that is not to be torn apart as one. */
function* joinWhole(nodes: readonly SsmlNode[]): Generator<JoinedNode> {
  let depth = 0;
  let markup = '';
  let spoken = '';
  for (const node of nodes) {
    const isWhole = node.kind === 'empty' || (node.kind === 'open' && WHOLE.has(node.name));
    if (depth === 0 && !isWhole) {
      yield node;
      continue;
    }
    if (node.kind === 'open') depth += 1;
    if (node.kind === 'close') depth -= 1;
    if (node.kind === 'text') {
      spoken += node.text;
      markup += escapeXml(node.text);
    } else {
      if (APART.has(node.name)) spoken += ' ';
      markup += node.kind === 'close' ? `</${node.name}>` : openTag(node);
    }
    if (depth > 0) continue;
    yield { kind: 'whole', markup, spoken };
    markup = '';
    spoken = '';
  }
}

function openTag({ kind, name, attributes }: SsmlTag<'open' | 'empty'>): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escapeXml(value).replaceAll('"', '&quot;')}"`,
  );
  return `<${name}${written.join('')}${kind === 'empty' ? '/' : ''}>`;
}

/** Fills one document after the other. */
class PieceWriter {
  readonly #max: number;
  readonly #pieces: SpeechPiece[] = [];
  readonly #opened: { readonly name: string; readonly tag: string }[] = [];
  /** Of the tags that are open, with those that will close them. */
  #frameCharacters = 0;
  #content = '';
  #characters = 0;
  #spoken = '';
  /** Whether there is more in it than tags and blanks. */
  #hasContent = false;

  constructor(maxCharacters: number) {
    this.#max = maxCharacters;
  }

  open(name: string, tag: string): void {
    const needed = characterCount(`${tag}</${name}>`);
    if (this.#frameCharacters + needed + LEAST_ROOM > this.#max) throw tooMuchMarkup();
    this.#makeRoom(needed + LEAST_ROOM);
    this.#opened.push({ name, tag });
    this.#frameCharacters += needed;
    this.#write(tag, needed);
    if (APART.has(name)) this.#spoken += ' ';
  }

  close(name: string): void {
    const opened = this.#opened.pop();
    if (opened === undefined) throw new AppError('internal', 'An element is closed that is not open.');
    this.#frameCharacters -= characterCount(`${opened.tag}</${name}>`);
    // It was counted when it was opened.
    this.#write(`</${name}>`, 0);
    if (APART.has(name)) this.#spoken += ' ';
  }

  text(text: string): void {
    for (const sentence of cutSentences(text)) {
      for (const part of this.#fitting(sentence, this.#max)) {
        const escaped = escapeXml(part);
        const characters = characterCount(escaped);
        this.#makeRoom(characters);
        this.#write(escaped, characters);
        this.#spoken += part;
        this.#hasContent ||= part.trim() !== '';
      }
    }
  }

  whole(markup: string, spoken: string): void {
    const characters = characterCount(markup);
    if (this.#frameCharacters + characters > this.#max) throw tooMuchMarkup();
    this.#makeRoom(characters);
    this.#write(markup, characters);
    this.#spoken += spoken;
    this.#hasContent = true;
  }

  end(): SpeechPiece[] {
    this.#endPiece();
    return this.#pieces;
  }

  /** In parts that, escaped, have room in a document that has nothing else. */
  #fitting(text: string, limit: number): string[] {
    const room = this.#max - this.#frameCharacters;
    if (characterCount(escapeXml(text)) <= room) return [text];
    const nextLimit = Math.max(1, Math.floor(Math.min(limit, room) / 2));
    return cutText(text, Math.min(limit, room)).flatMap((part) =>
      characterCount(escapeXml(part)) <= room ? [part] : this.#fitting(part, nextLimit),
    );
  }

  #makeRoom(characters: number): void {
    if (this.#characters + characters > this.#max) this.#endPiece();
  }

  #write(markup: string, characters: number): void {
    this.#content += markup;
    this.#characters += characters;
  }

  #endPiece(): void {
    if (this.#hasContent) {
      const closing = this.#opened.map(({ name }) => `</${name}>`).reverse();
      const spoken = this.#spoken.replace(/\s+/g, ' ').trim();
      this.#pieces.push({ content: `${this.#content}${closing.join('')}`, spoken });
    }
    this.#content = this.#opened.map(({ tag }) => tag).join('');
    this.#characters = this.#frameCharacters;
    this.#spoken = '';
    this.#hasContent = false;
  }
}

const unusable = (message: string): AppError => new ValidationError('text', message);
const tooMuchMarkup = (): AppError => unusable('There is more markup in one place than the engine takes.');
