import type { AudioFile } from '../domain/audio-file.ts';
import type { Chapter } from '../domain/chapter.ts';
import type { Ports } from './ports.ts';

/** Names that are asked about at a time, as the store allows. */
const BATCH = 100;

/**
 * The chapters of files of one tenant, by file name, for use cases that have authorized their caller already. Of very
 * many, those of the first files: whole files' chapters, until there are `maxChapters` of them.
 */
export async function findChaptersOf(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  files: readonly Pick<AudioFile, 'filename' | 'chapterCount'>[],
  maxChapters: number,
): Promise<Map<string, readonly Chapter[]>> {
  const withAny = files.filter(({ chapterCount }) => chapterCount !== undefined);
  const names = [...new Set(withAny.map(({ filename }) => filename))];
  const found = new Map<string, readonly Chapter[]>();
  let count = 0;
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const chapters = await ports.audioFiles.findChapters(tenantId, batch);
    for (const name of batch) {
      const own = chapters.get(name) ?? [];
      if (count + own.length > maxChapters) return found;
      if (own.length > 0) found.set(name, own);
      count += own.length;
    }
  }
  return found;
}
