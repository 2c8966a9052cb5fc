import type { IAudioMetadata } from 'music-metadata';
import type { Chapter } from '../../domain/chapter.ts';
import { tidyChapters } from '../../domain/chapter.ts';

/** Beyond this, what is told is not even looked at. */
const MAX_TOLD = 20_000;

/** The chapters that a file tells, of the first kind that tells any. */
export function chaptersOf(metadata: Pick<IAudioMetadata, 'format' | 'native'>): Chapter[] {
  for (const read of [id3Chapters, vorbisChapters, mp4Chapters]) {
    const chapters = tidyChapters(read(metadata).slice(0, MAX_TOLD));
    if (chapters.length > 0) return chapters;
  }
  return [];
}

/** QuickTime chapter tracks and Nero's `chpl`, in units of each's own time scale. */
function mp4Chapters({ format }: Pick<IAudioMetadata, 'format'>): Chapter[] {
  return (format.chapters ?? []).map(({ title, start, timeScale = 1 }) => ({
    title: toText(title),
    startMs: (start / timeScale) * 1000,
  }));
}

/** Shape of a frame `CHAP` as music-metadata reads it. ID3v2 Chapter Frame Addendum 1.0, section 3.1. */
interface ChapterFrame {
  readonly info?: { readonly startTime?: unknown };
  readonly frames?: ReadonlyMap<string, unknown>;
}

/** By their frames, not by the table of contents: it may be nested, and leaves out what it does not name. */
function id3Chapters({ native }: Pick<IAudioMetadata, 'native'>): Chapter[] {
  const frames = Object.entries(native)
    .filter(([type]) => type.startsWith('ID3v2'))
    .flatMap(([, tags]) => tags.filter(({ id }) => id === 'CHAP'));
  return frames.map(({ value }) => {
    const { info, frames: within } = (value ?? {}) as ChapterFrame;
    return { title: toText(within?.get('TIT2')), startMs: Number(info?.startTime) };
  });
}

/** `CHAPTER001=00:01:02.500` and `CHAPTER001NAME=…`. https://wiki.xiph.org/Chapter_Extension */
function vorbisChapters({ native }: Pick<IAudioMetadata, 'native'>): Chapter[] {
  const tags = native['vorbis'] ?? [];
  const names = new Map<string, string>();
  for (const { id, value } of tags) {
    const number = /^CHAPTER(\d{3})NAME$/i.exec(id)?.[1];
    if (number !== undefined) names.set(number, toText(value));
  }
  return tags.flatMap(({ id, value }) => {
    const number = /^CHAPTER(\d{3})$/i.exec(id)?.[1];
    const time = /^(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)$/.exec(toText(value));
    if (number === undefined || time === null) return [];
    const [hours = 0, minutes = 0, seconds = 0] = time.slice(1).map(Number);
    return [{ title: names.get(number) ?? '', startMs: ((hours * 60 + minutes) * 60 + seconds) * 1000 }];
  });
}

/** The first of several; nothing for what is no text. */
function toText(value: unknown): string {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : '';
}
