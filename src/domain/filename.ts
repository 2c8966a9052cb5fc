import { ValidationError } from './app-error.ts';
import { utf8Length } from './utf8-length.ts';

export const MAX_FILENAME_BYTES = 200;

// Windows devices: a library that is copied to a memory stick must open there.
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const ALLOWED = /^[\p{L}\p{N}\p{M} \-_.]+$/u;

/**
 * The one rule for a file's name in the library: Unicode letters (with their combining marks), digits, space, `-`,
 * `_` and `.`; in NFC; at most 200 bytes of UTF-8; ends in `.mp3`; no leading dot, no space at either end; not a
 * device name of Windows.
 *
 * @returns the name in NFC
 * @throws {ValidationError} naming `field`
 */
export function parseFilename(value: string, field = 'filename'): string {
  const name = value.normalize('NFC');
  const stem = name.slice(0, -'.mp3'.length);
  if (name === '' || !ALLOWED.test(name)) {
    throw new ValidationError(field, 'A file name holds letters, digits, spaces, "-", "_" and "." only.');
  }
  if (!name.endsWith('.mp3') || stem === '') throw new ValidationError(field, 'A file name ends in ".mp3".');
  if (name.startsWith('.')) throw new ValidationError(field, 'A file name does not begin with a dot.');
  if (name !== name.trim() || stem !== stem.trim()) {
    throw new ValidationError(field, 'A file name neither begins nor ends with a space.');
  }
  if (RESERVED.test(name)) throw new ValidationError(field, 'This file name is reserved.');
  if (utf8Length(name) > MAX_FILENAME_BYTES) {
    throw new ValidationError(field, `A file name has at most ${MAX_FILENAME_BYTES} bytes.`);
  }
  return name;
}

/**
 * The library name for a file that somebody uploads as `original`: its extension becomes `.mp3` (`voice.caf` →
 * `voice.mp3`). Nothing else is changed: a name with a path in it is refused, not repaired.
 *
 * @throws {ValidationError} naming `field`
 */
export function filenameFor(original: string, field = 'filename'): string {
  const name = original.normalize('NFC');
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 ? name.slice(dot + 1) : '';
  const stem = /^[A-Za-z0-9]{1,8}$/.test(extension) ? name.slice(0, dot) : name;
  return parseFilename(`${stem}.mp3`, field);
}

/** `story.mp3`, 2 → `story-2.mp3`, shortened so that it stays within the rule. */
export function numberedFilename(filename: string, number: number): string {
  const suffix = `-${number}.mp3`;
  let stem = filename.slice(0, -'.mp3'.length);
  while (utf8Length(stem) + suffix.length > MAX_FILENAME_BYTES) stem = Array.from(stem).slice(0, -1).join('');
  return `${stem.trimEnd()}${suffix}`;
}

/** A short, safe extension for the original as it was uploaded: `M4A` → `m4a`; anything odd → `bin`. */
export function originalExtension(original: string): string {
  const match = /\.([A-Za-z0-9]{1,8})$/.exec(original);
  return match?.[1] === undefined ? 'bin' : match[1].toLowerCase();
}
