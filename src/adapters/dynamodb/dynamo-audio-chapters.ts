import { AppError } from '../../domain/app-error.ts';
import type { Chapter } from '../../domain/chapter.ts';
import { chaptersKey } from './dynamo-audio-keys.ts';
import type { Item } from './dynamo-table.ts';

/** Two lists of one length, not one of pairs: names of fields in each of a thousand would not fit into 400 KB. */
export const chapterItem = (tenantId: string, filename: string, chapters: readonly Chapter[]): Item => ({
  ...chaptersKey(tenantId, filename),
  tenant_id: tenantId,
  filename,
  titles: chapters.map(({ title }) => title),
  starts_ms: chapters.map(({ startMs }) => startMs),
});

export function chaptersOf(item: Item): Chapter[] {
  const { titles, starts_ms: starts } = item;
  if (!Array.isArray(titles) || !Array.isArray(starts)) {
    throw new AppError('internal', 'An item of chapters holds none.');
  }
  return titles.map((title, index) => ({ title: String(title), startMs: Number(starts[index]) }));
}
