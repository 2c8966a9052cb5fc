import { LAST_LEVEL } from '../../domain/audio-search.ts';
import { HITS_A_PAGE, openTermCursor, openTermPages, type TermPages } from './dynamo-audio-term-cursor.ts';
import { comparePlaces, hitOf, termPartition, type TermHit } from './dynamo-audio-terms.ts';
import type { DynamoTable } from './dynamo-table.ts';

export interface Candidates {
  /** At most as many as were wanted, unless they are all that there may be. */
  readonly hits: readonly TermHit[];
  /** No other file has all of the words. */
  readonly areAll: boolean;
}

/**
 * The files that the terms propose for a search: by level, and of one level the newest first.
 *
 * One word: its terms are in this order already, 1 Query. Several: the first thousand hits of each, in one Query for
 * each word; where these are all hits of a word, no other file can be found. Where all words have more, their lists are
 * gone through side by side, a level at a time, and each jumps to where the others are.
 */
export async function findCandidates(
  table: DynamoTable,
  tenantId: string,
  beginnings: readonly string[],
  wanted: number,
): Promise<Candidates> {
  const [only, ...others] = beginnings;
  if (only !== undefined && others.length === 0)
    return findByOne(table, termPartition(tenantId, only), wanted);
  const lists = await Promise.all(
    beginnings.map(async (beginning) => {
      const partition = termPartition(tenantId, beginning);
      const { items, last } = await table.query({ partition, limit: HITS_A_PAGE, consistent: true });
      return { hits: items.map(hitOf), isWhole: last === undefined };
    }),
  );
  const whole = lists.filter(({ isWhole }) => isWhole).map(({ hits }) => hits);
  if (whole.length === 0) return findByMany(openTermPages(table, tenantId), beginnings, wanted);
  const common = intersect(whole);
  // What the other words make of them is seen when the files are read.
  if (whole.length < lists.length || common.length <= wanted) return { hits: common, areAll: true };
  return { hits: common.slice(0, wanted), areAll: false };
}

async function findByOne(table: DynamoTable, partition: string, wanted: number): Promise<Candidates> {
  const hits: TermHit[] = [];
  const places = new Set<string>();
  const limit = Math.min(wanted + 1, HITS_A_PAGE);
  for await (const item of table.queryAll({ partition, limit, consistent: true })) {
    const hit = hitOf(item);
    if (places.size === wanted && !places.has(hit.place)) return { hits, areAll: false };
    places.add(hit.place);
    hits.push(hit);
  }
  return { hits, areAll: true };
}

/** Those that are in all lists, in order; the level of each is the worst of its levels. */
function intersect(lists: readonly (readonly TermHit[])[]): TermHit[] {
  const [shortest = new Map<string, TermHit>(), ...others] = lists
    .map(byPlace)
    .sort((a, b) => a.size - b.size);
  const common = [...shortest.values()].flatMap((hit) => {
    const alike = others.map((own) => own.get(hit.place)).filter((other) => other !== undefined);
    return alike.length === others.length ? [merge([hit, ...alike])] : [];
  });
  return common.sort((a, b) => a.level - b.level || comparePlaces(a.place, b.place));
}

/** What one word says of each place, at its best level: it may be in the record and in the transcript. */
function byPlace(hits: readonly TermHit[]): Map<string, TermHit> {
  const places = new Map<string, TermHit>();
  for (const hit of hits) {
    const other = places.get(hit.place);
    // By level: the first is the best.
    places.set(hit.place, other === undefined ? hit : { ...other, keys: [...other.keys, ...hit.keys] });
  }
  return places;
}

/** What several words say of one place. */
const merge = (hits: readonly [TermHit, ...TermHit[]]): TermHit => ({
  place: hits[0].place,
  level: Math.max(...hits.map(({ level }) => level)),
  keys: hits.flatMap(({ keys }) => keys),
});

async function findByMany(
  pages: TermPages,
  beginnings: readonly string[],
  wanted: number,
): Promise<Candidates> {
  const anywhere = await findCommon(pages, beginnings, LAST_LEVEL, wanted);
  if (anywhere.length < wanted) {
    return { hits: anywhere.sort((a, b) => a.level - b.level), areAll: true };
  }
  const best = new Map<string, TermHit>();
  for (let level = 0; level < LAST_LEVEL && best.size < wanted; level += 1) {
    for (const hit of await findCommon(pages, beginnings, level, wanted)) best.set(hit.place, hit);
  }
  for (const hit of anywhere) if (!best.has(hit.place)) best.set(hit.place, hit);
  return { hits: [...best.values()].slice(0, wanted), areAll: false };
}

/** The newest files that have all of the words at this level or a better one. */
async function findCommon(
  pages: TermPages,
  beginnings: readonly string[],
  maxLevel: number,
  wanted: number,
): Promise<TermHit[]> {
  const cursors = beginnings.map((beginning) => openTermCursor(pages, beginning, maxLevel));
  const found: TermHit[] = [];
  for (let place = ''; found.length < wanted;) {
    const heads = await Promise.all(cursors.map((cursor) => cursor.seek(place)));
    const present = heads.filter((head) => head !== undefined);
    const [first, ...others] = present.sort((a, b) => comparePlaces(b.place, a.place));
    if (first === undefined || present.length < heads.length) break;
    const isCommon = others.every((head) => head.place === first.place);
    if (isCommon) found.push(merge([first, ...others]));
    // Behind all ids that may follow a place, which are of digits and of letters up to "f".
    place = isCommon ? `${first.place}g` : first.place;
  }
  return found;
}
