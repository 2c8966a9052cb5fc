import type { AudioFile } from '../../domain/audio-file.ts';
import { LAST_LEVEL, searchLevel } from '../../domain/audio-search.ts';
import { fromAudioFileRow } from './audio-file-row.ts';
import * as sql from './audio-file-sql.ts';
import { toMatchExpression } from './audio-file-words.ts';
import type { Database } from './database.ts';
import { number } from './row.ts';

/** The best files of a tenant for these words, in their order. */
export type AudioFileSearch = (tenantId: string, words: readonly string[], limit: number) => AudioFile[];

/**
 * Every level has a query of its own that ends with the newest few: to rank all files that hold a common word would
 * take as long as there are files.
 */
export function prepareAudioFileSearch(db: Database): AudioFileSearch {
  const hits = db.prepare(sql.FIND_HITS);
  const byIds = db.prepare(sql.FIND_BY_IDS);

  const newest = (tenantId: string, words: readonly string[], level: number, limit: number): number[] =>
    hits
      .all({ expression: toMatchExpression(tenantId, words, level), limit })
      .map((row) => number(row, 'id'));

  function read(ids: readonly number[]): AudioFile[] {
    const rows = byIds.all({ ids: JSON.stringify(ids) });
    const files = new Map(rows.map((row) => [number(row, 'id'), fromAudioFileRow(row)]));
    return ids.flatMap((id) => files.get(id) ?? []);
  }

  return (tenantId, words, limit) => {
    const anywhere = newest(tenantId, words, LAST_LEVEL, limit);
    if (anywhere.length < limit) {
      // These are all that there are.
      const levels = new Map(read(anywhere).map((file) => [file, searchLevel(file, words) ?? LAST_LEVEL]));
      return [...levels].sort(([, one], [, other]) => one - other).map(([file]) => file);
    }
    const best = new Set<number>();
    for (let level = 0; level < LAST_LEVEL && best.size < limit; level += 1) {
      for (const id of newest(tenantId, words, level, limit)) best.add(id);
    }
    for (const id of anywhere) best.add(id);
    return read([...best].slice(0, limit));
  };
}
