import { nameless } from '../../text/shown-title.ts';
import type { PartDetails } from './part-details.ts';

/** A name for each place: a file may be in a queue more than once. */
export function idsOf(files: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return files.map((filename) => {
    const times = seen.get(filename) ?? 0;
    seen.set(filename, times + 1);
    return `${filename}/${String(times)}`;
  });
}

/** When each begins, in seconds, if the queue plays in order. */
export function startsOf(files: readonly string[], details: ReadonlyMap<string, PartDetails>): number[] {
  let at = 0;
  return files.map((filename) => {
    const start = at;
    at += details.get(filename)?.durationS ?? 0;
    return start;
  });
}

export const titleOf = (filename: string, details: ReadonlyMap<string, PartDetails>): string =>
  details.get(filename)?.title ?? nameless(filename);
