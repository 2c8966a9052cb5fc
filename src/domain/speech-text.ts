import { ValidationError } from './app-error.ts';
import { characterCount } from './split-text.ts';

/** By code point, markup included. */
export const MAX_SPEECH_CHARACTERS = 100_000;
/** Times as fast as the voice speaks by itself. */
export const MIN_SPEED = 0.25;
export const MAX_SPEED = 4;

/** Controls, halves of surrogate pairs, and what is no character: no engine takes them, and XML has no place for them. */
const UNSPEAKABLE = /[^\P{Cc}\n\t]|\p{Cs}|[\uFFFE\uFFFF\uFEFF]/gu;
const SSML = /^(?:<\?xml[^>]*>\s*)?<speak[\s>/]/;
const SOUND = /[\p{L}\p{N}\p{S}]/u;

/** What is to be spoken, ready to be split. */
export interface SpeechText {
  /** Without control characters, and with blanks folded: one space, one line break, one empty line. */
  readonly text: string;
  /** Whether it is a `<speak>` document. */
  readonly isSsml: boolean;
  /** By code point. */
  readonly characters: number;
}

/**
 * A text as somebody sent it. It is markup when it begins with `<speak`; whether that is well-formed is not seen here.
 * @throws {ValidationError} naming `field`, for what is empty, too long, or has nothing in it that can be spoken
 */
export function parseSpeechText(value: string, field = 'text'): SpeechText {
  const sent = characterCount(value);
  if (sent > MAX_SPEECH_CHARACTERS) {
    throw new ValidationError(
      field,
      `A text has at most ${MAX_SPEECH_CHARACTERS} characters; this one has ${sent}.`,
    );
  }
  const text = foldBlanks(value);
  if (!isSpeakable(text)) {
    throw new ValidationError(field, 'There is nothing in this text that can be spoken.');
  }
  return { text, isSsml: SSML.test(text), characters: characterCount(text) };
}

/** Whether there is a letter, a digit or a symbol in it: not of blanks and punctuation alone. */
export const isSpeakable = (text: string): boolean => SOUND.test(text);

function foldBlanks(value: string): string {
  return value
    .replace(/\r\n?|[\u0085\u2028]/g, '\n')
    .replace(/\u2029/g, '\n\n')
    .replace(UNSPEAKABLE, '')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{2,}/g, '\n\n')
    .trim();
}
