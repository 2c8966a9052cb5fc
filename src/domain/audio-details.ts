import { ValidationError } from './app-error.ts';

export const MAX_TITLE_LENGTH = 200;
export const MAX_DESCRIPTION_LENGTH = 5000;
export const MAX_TAGS = 50;
export const MAX_TAG_LENGTH = 50;

// Line breaks and tabs are welcome in a description; nothing else that cannot be seen.
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LINES = /[^\P{Cc}\n\r\t]/u;

/** Trimmed, in NFC, at most 200 characters of one line. Empty means none. @throws {ValidationError} */
export function parseTitle(value: string, field = 'title'): string {
  const title = value.normalize('NFC').trim();
  if (CONTROL.test(title))
    throw new ValidationError(field, 'A title is one line, without control characters.');
  return withinLength(title, MAX_TITLE_LENGTH, field, 'A title');
}

/** Trimmed, in NFC, at most 5,000 characters. @throws {ValidationError} */
export function parseDescription(value: string, field = 'description'): string {
  const description = value.normalize('NFC').trim();
  if (CONTROL_BUT_LINES.test(description)) {
    throw new ValidationError(field, 'A description has no control characters but line breaks and tabs.');
  }
  return withinLength(description, MAX_DESCRIPTION_LENGTH, field, 'A description');
}

/** Each trimmed, in NFC, 1 to 50 characters; the first of equal ones stays; at most 50. @throws {ValidationError} */
export function parseTags(values: readonly string[], field = 'tags'): string[] {
  const tags = new Set<string>();
  for (const [index, value] of values.entries()) {
    const tag = value.normalize('NFC').trim();
    const at = `${field}[${index}]`;
    if (tag === '') throw new ValidationError(at, 'A tag is not empty.');
    if (CONTROL.test(tag)) throw new ValidationError(at, 'A tag is one line, without control characters.');
    tags.add(withinLength(tag, MAX_TAG_LENGTH, at, 'A tag'));
  }
  if (tags.size > MAX_TAGS) throw new ValidationError(field, `A file has at most ${MAX_TAGS} tags.`);
  return [...tags];
}

function withinLength(text: string, max: number, field: string, what: string): string {
  // UTF-16 units bound the length from above, so that most texts are not counted twice.
  if (text.length > max && Array.from(text).length > max) {
    throw new ValidationError(field, `${what} has at most ${max} characters.`);
  }
  return text;
}
