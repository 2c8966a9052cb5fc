import { comparePlaces, hitOf, levelPrefix, termPartition, type TermHit } from './dynamo-audio-terms.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { between } from './expression.ts';

/** Hits that are read at a time: about 100 KB. */
export const HITS_A_PAGE = 1000;

interface TermPage {
  readonly hits: readonly TermHit[];
  readonly isLast: boolean;
}

/** The hits of the terms of one search, by level and place. */
export interface TermPages {
  /** Those from a place on, in order. */
  from(beginning: string, level: number, place: string): Promise<TermPage>;
}

/** The first pages of each level are read once, however often a search goes through them. */
export function openTermPages(table: DynamoTable, tenantId: string): TermPages {
  const firstPages = new Map<string, Promise<TermPage>>();

  async function read(beginning: string, level: number, place: string): Promise<TermPage> {
    const prefix = levelPrefix(level);
    // "$" comes right after the "#" that a prefix ends with.
    const sort = between('SK', `${prefix}${place}`, prefix.replace('#', '$'));
    const partition = termPartition(tenantId, beginning);
    const { items, last } = await table.query({ partition, sort, limit: HITS_A_PAGE, consistent: true });
    return { hits: items.map(hitOf), isLast: last === undefined };
  }

  return {
    from(beginning, level, place) {
      if (place !== '') return read(beginning, level, place);
      const key = levelPrefix(level) + beginning;
      const page = firstPages.get(key) ?? read(beginning, level, '');
      firstPages.set(key, page);
      return page;
    },
  };
}

/** Goes through the files that have one beginning, at some level or a better one: the newest first. */
export interface TermCursor {
  /** The first hit at this place or after it; places only grow. */
  seek(place: string): Promise<TermHit | undefined>;
}

export function openTermCursor(pages: TermPages, beginning: string, maxLevel: number): TermCursor {
  const levels = Array.from({ length: maxLevel + 1 }, (_, level) =>
    openLevelCursor((place) => pages.from(beginning, level, place)),
  );
  return {
    async seek(place) {
      const heads = await Promise.all(levels.map((level) => level.seek(place)));
      return heads.filter((head) => head !== undefined).sort((a, b) => comparePlaces(a.place, b.place))[0];
    },
  };
}

function openLevelCursor(readFrom: (place: string) => Promise<TermPage>): TermCursor {
  let page: TermPage = { hits: [], isLast: false };
  let at = 0;
  const head = (place: string): TermHit | undefined => {
    for (; at < page.hits.length; at += 1) {
      const hit = page.hits[at];
      if (hit !== undefined && comparePlaces(hit.place, place) >= 0) return hit;
    }
    return undefined;
  };
  return {
    async seek(place) {
      for (;;) {
        const hit = head(place);
        if (hit !== undefined || page.isLast) return hit;
        // Not the page after this one: what lies between is of no interest.
        page = await readFrom(place);
        at = 0;
      }
    },
  };
}
