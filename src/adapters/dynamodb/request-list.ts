import { ValidationError } from '../../domain/app-error.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Page, PageKey, PageRequest } from '../../domain/page.ts';
import { REQUEST_STATUSES, type AsyncRequest, type RequestFilter } from '../../domain/request.ts';
import type { Item } from './dynamo-table.ts';
import { all, compare, equal, type Condition } from './expression.ts';
import { text } from './item-fields.ts';
import { fitsKey } from './keys.ts';
import { fromRequestItem } from './request-item.ts';
import type { RequestTable } from './request-table.ts';

/** Rounds of queries for one page; a page that these do not fill is returned as it is. */
const MAX_ROUNDS = 8;
/** Where a filter may leave out most of what is read. */
const FILTERED_ITEMS_A_QUERY = 1000;

type Index = 'UserIndex' | 'ConnectionIndex' | 'StatusIndex';

/** What is left to read of one partition, the newest first. */
interface Source {
  readonly partition: string;
  readonly items: Item[];
  after: Item | undefined;
  isEnded: boolean;
}

/** After the request of this time and id; without an id, from this time on. */
interface Place {
  readonly createdAt: string;
  readonly requestId: string | null;
}

/**
 * Lists requests, the newest first: of a user, a connection or a status out of its index; else out of those of all
 * statuses, merged. Requests of the very same time, which only different processes make, are ordered by their ids.
 */
export function openRequestList(
  table: RequestTable,
  clock: Clock,
): (filter: RequestFilter, page: PageRequest) => Promise<Page<AsyncRequest>> {
  return async (filter, { limit, after }) => {
    const { index, partitions, isPlain, condition } = questionOf(filter, clock());
    if (!partitions.every((partition) => fitsKey(partition))) return { items: [] };
    const place = after === undefined ? null : placeOf(after);
    const sources = partitions.map((partition): Source => ({
      partition,
      items: [],
      after: undefined,
      isEnded: false,
    }));

    async function readOn(source: Source): Promise<void> {
      const page = await table.query({
        index,
        partition: source.partition,
        sort: place === null ? undefined : compare('CreatedAt', '<=', place.createdAt),
        filter: condition,
        descending: true,
        limit: isPlain ? Math.min(limit + 1, FILTERED_ITEMS_A_QUERY) : FILTERED_ITEMS_A_QUERY,
        after: source.after,
      });
      source.items.push(...page.items.filter((item) => place === null || isAfter(item, place)));
      source.after = page.last;
      source.isEnded = page.last === undefined;
    }

    const found = new Map<string, Item>();
    for (let round = 0; ; round += 1) {
      takeNewest(sources, found, limit);
      if (found.size > limit) {
        const items = [...found.values()].slice(0, limit);
        const last = items.at(-1);
        if (last === undefined) return { items: [] };
        return { items: items.map(fromRequestItem), next: [createdAt(last), text(last, 'RequestID')] };
      }
      const starved = sources.filter(isStarved);
      const items = [...found.values()].map(fromRequestItem);
      if (starved.length === 0) return { items };
      if (round === MAX_ROUNDS) return { items, next: [frontierOf(starved), null] };
      await Promise.all(starved.map(readOn));
    }
  };
}

const isStarved = (source: Source): boolean => needsMore(source) && !source.isEnded;

/** Those of one time are taken together, so that they can be put in order. */
function needsMore({ items }: Source): boolean {
  const [first] = items;
  const last = items.at(-1);
  return first === undefined || last === undefined || createdAt(first) === createdAt(last);
}

/** The newest that may be unread. */
const frontierOf = (starved: readonly Source[]): string =>
  starved.map(({ after }) => (after === undefined ? '' : createdAt(after))).reduce((a, b) => (a > b ? a : b));

/** Takes what no source can have anything newer than; one more than a page tells that there is a next one. */
function takeNewest(sources: readonly Source[], found: Map<string, Item>, limit: number): void {
  while (found.size <= limit && !sources.some(isStarved)) {
    const newest = sources.reduce<string | null>((time, { items: [first] }) => {
      if (first === undefined) return time;
      return time === null || createdAt(first) > time ? createdAt(first) : time;
    }, null);
    if (newest === null) return;
    const sameTime: Item[] = [];
    for (const { items } of sources) {
      while (items[0] !== undefined && createdAt(items[0]) === newest) sameTime.push(...items.splice(0, 1));
    }
    sameTime.sort((a, b) => (text(a, 'RequestID') > text(b, 'RequestID') ? -1 : 1));
    // It may have changed its status while it was read, and be in two.
    for (const item of sameTime) found.set(text(item, 'RequestID'), item);
  }
}

function questionOf(
  filter: RequestFilter,
  nowMs: number,
): { index: Index; partitions: readonly string[]; isPlain: boolean; condition: Condition } {
  const { userId, connectionId, status, tenantId, action } = filter;
  const [index, partitions]: readonly [Index, readonly string[]] =
    connectionId !== undefined
      ? ['ConnectionIndex', [connectionId]]
      : userId !== undefined
        ? ['UserIndex', [userId]]
        : ['StatusIndex', status === undefined ? REQUEST_STATUSES : [status]];
  const others = Object.entries({
    UserID: index === 'UserIndex' ? undefined : userId,
    Status: index === 'StatusIndex' ? undefined : status,
    TenantID: tenantId,
    Action: action,
  }).flatMap(([name, value]) => (value === undefined ? [] : [equal(name, value)]));
  const isAlive = compare('TTL', '>', nowMs / 1000);
  return { index, partitions, isPlain: others.length === 0, condition: all(isAlive, ...others) };
}

function placeOf([createdAt, requestId]: PageKey): Place {
  if (typeof createdAt !== 'string' || typeof requestId === 'number' || requestId === undefined) {
    throw new ValidationError('cursor', 'This cursor is not of this list.');
  }
  return { createdAt, requestId };
}

const isAfter = (item: Item, { createdAt: time, requestId }: Place): boolean =>
  createdAt(item) < time || requestId === null || text(item, 'RequestID') < requestId;

const createdAt = (item: Item): string => text(item, 'CreatedAt');
