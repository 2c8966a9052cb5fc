import type { Chapter } from '../domain/chapter.ts';
import type { Ports } from './ports.ts';

/** Names that are asked about at a time, as the store allows. */
const BATCH = 100;

/**
 * The chapters of files, by file name, for use cases that have authorized their caller already. Of very many, those of
 * the first files: whole files' chapters, until there are `maxChapters` of them.
 */
export async function findChaptersOf(
  ports: Pick<Ports, 'audioFiles'>,
  tenantId: string,
  filenames: readonly string[],
  maxChapters: number,
): Promise<Map<string, readonly Chapter[]>> {
  const names = [...new Set(filenames)];
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
