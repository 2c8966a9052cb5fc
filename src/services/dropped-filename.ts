import { isValidationError } from '../domain/app-error.ts';
import { filenameFor, numberedFilename } from '../domain/filename.ts';

/** Nobody is there to be told that a name is refused: this is what is left of one of which nothing fits. */
const NAMELESS = 'audio';

/**
 * The library name for a file that somebody dropped. Unlike the name of an upload it is repaired rather than refused:
 * what does not fit is left out, and what is too long is cut.
 */
export function droppedFilename(name: string): string {
  const repaired = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}\p{M} \-_.]+/gu, '')
    .replace(/ {2,}/g, ' ')
    .replace(/^[. ]+/, '');
  const dot = repaired.lastIndexOf('.');
  const stem = (dot > 0 ? repaired.slice(0, dot) : repaired).trim() || NAMELESS;
  // `numberedFilename` is what cuts; a device name of Windows is none any more with a number.
  return (
    firstValid([() => filenameFor(repaired), () => filenameFor(`${stem}.mp3`)]) ??
    firstValid([() => filenameFor(numberedFilename(`${stem}.mp3`, 1))]) ??
    `${NAMELESS}.mp3`
  );
}

function firstValid(attempts: readonly (() => string)[]): string | null {
  for (const attempt of attempts) {
    try {
      return attempt();
    } catch (error) {
      if (!isValidationError(error)) throw error;
    }
  }
  return null;
}
