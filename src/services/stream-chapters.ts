import type { AudioFile } from '../domain/audio-file.ts';
import { chaptersWithin } from '../domain/chapter.ts';
import type { Chapter } from '../domain/chapter.ts';
import { findChaptersOf } from './audio-chapters.ts';
import type { Ports } from './ports.ts';

/** So many make an answer of a megabyte, or a few. */
const MAX_STREAM_CHAPTERS = 10_000;

interface Track {
  readonly file: Pick<AudioFile, 'filename' | 'chapterCount'>;
  /** How far into the file it begins; default 0. */
  readonly fromMs?: number;
  readonly startMs: number;
  readonly durationMs: number;
}

/**
 * The chapters of each track, at the times at which they begin in the stream. Past 10,000 in all, tracks have none.
 * For use cases that have authorized their caller already.
 */
export async function findStreamChapters(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  tracks: readonly Track[],
): Promise<Chapter[][]> {
  const files = tracks.map(({ file }) => file);
  const found = await findChaptersOf(ports, tenantId, files, MAX_STREAM_CHAPTERS);
  let count = 0;
  return tracks.map(({ file, fromMs = 0, startMs, durationMs }) => {
    const chapters = found.get(file.filename) ?? [];
    count += chapters.length;
    if (count > MAX_STREAM_CHAPTERS) return [];
    return chaptersFrom(chaptersWithin(chapters, fromMs + durationMs), fromMs).map((chapter) => ({
      title: chapter.title,
      startMs: startMs + chapter.startMs,
    }));
  });
}

/** Counted from a time within the file; the one that plays then begins there. */
function chaptersFrom(chapters: readonly Chapter[], fromMs: number): readonly Chapter[] {
  if (fromMs === 0) return chapters;
  const playing = chapters.findLastIndex(({ startMs }) => startMs <= fromMs);
  return chapters
    .slice(Math.max(0, playing))
    .map(({ title, startMs }) => ({ title, startMs: Math.max(0, startMs - fromMs) }));
}
