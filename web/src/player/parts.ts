import type { FileInfo, Plan } from '../api/types.ts';
import { shownTitle } from '../text/shown-title.ts';

/** A stretch of what plays that has a title: a track of a stream, a chapter of a file, or all of the file. */
export interface Part {
  readonly title: string;
  readonly filename: string;
  readonly startS: number;
  readonly durationS: number;
  /** How far into its file it begins. */
  readonly fileStartS: number;
  readonly coverUrl?: string | undefined;
}

/** A stream of one book has its chapters; any other, its tracks. */
export function partsOfPlan(plan: Plan): readonly Part[] {
  const [only] = plan.tracks;
  if (plan.tracks.length === 1 && only !== undefined && (only.chapters?.length ?? 0) > 1) {
    return partsOfChapters(only.chapters ?? [], only);
  }
  return plan.tracks.map(
    ({ title, filename, start_s: startS, duration: durationS, cover_url: coverUrl }) => ({
      title: shownTitle(title, filename),
      filename,
      startS,
      durationS,
      fileStartS: 0,
      coverUrl,
    }),
  );
}

export function partsOfFile(
  file: Pick<FileInfo, 'filename' | 'title' | 'duration' | 'cover_url'>,
  chapters: FileInfo['chapters'] = [],
): readonly Part[] {
  if (chapters.length > 1) return partsOfChapters(chapters, file);
  const { filename, title, duration: durationS, cover_url: coverUrl } = file;
  return [
    {
      title: shownTitle(title, filename),
      filename,
      startS: 0,
      durationS,
      fileStartS: 0,
      coverUrl,
    },
  ];
}

function partsOfChapters(
  chapters: readonly { readonly title: string; readonly start_s: number }[],
  file: {
    readonly filename: string;
    readonly title: string;
    readonly duration: number;
    readonly cover_url?: string | undefined;
  },
): readonly Part[] {
  return chapters.map(({ title, start_s: startS }, index) => ({
    title: title === '' ? `${file.title} ${String(index + 1)}` : title,
    filename: file.filename,
    startS,
    durationS: (chapters[index + 1]?.start_s ?? file.duration) - startS,
    fileStartS: startS,
    coverUrl: file.cover_url,
  }));
}

/** A seek to where a part begins must not show the one before. */
const ROUNDING_S = 0.05;

/** The place of the part that plays then; -1 before the first, and where there are none. */
export function partAt(parts: readonly Pick<Part, 'startS'>[], positionS: number): number {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.startS ?? Infinity) <= positionS + ROUNDING_S) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The parts, and the one that is heard then. */
export function shownAt(parts: readonly Part[], positionS: number) {
  const partIndex = partAt(parts, positionS);
  return { parts, partIndex, part: parts[partIndex] ?? null };
}

/**
 * Whether a second has as many bytes anywhere: only then a browser, which guesses the byte from the second, lands where
 * it thinks that it is.
 */
export function isEven({ tracks }: Pick<Plan, 'tracks'>): boolean {
  const rates = tracks
    .filter(({ duration }) => duration > 1)
    .map(({ length, duration }) => length / duration);
  if (rates.length === 0) return true;
  return Math.max(...rates) < Math.min(...rates) * 1.01;
}
