import type { RequestStatus } from '../../domain/request.ts';
import type { Item } from './dynamo-table.ts';
import { all, any, compare, equal } from './expression.ts';
import { text } from './item-fields.ts';
import { CLAIM_FIELDS, fromRequestItem, instant, isAlive } from './request-item.ts';
import type { RequestTable } from './request-table.ts';

/** What may be claimed, the oldest of it, as the index had it a moment ago. */
export interface RequestWindow {
  /** Of the users with something left, the one served least recently gives the oldest. Null when nothing is left. */
  take(): Item | null;
  /** Whether there is more than was read. */
  readonly isWhole: boolean;
}

const WAITING = ['PENDING', 'RETRYING', 'PROCESSING'] as const satisfies RequestStatus[];
/** Items that are read of a status: of so many, the oldest, users take turns. */
const WINDOW_ITEMS = 2000;
const ITEMS_A_QUERY = 500;
/** Who was served before so many others counts as never served. */
const MAX_USERS_REMEMBERED = 10_000;

/** Whom this process has served, the least recent first. */
export interface ServedUsers {
  add(userId: string): void;
  /** The higher, the more recent; 0 for who was not served. */
  turnOf(userId: string): number;
}

export function createServedUsers(): ServedUsers {
  const turns = new Map<string, number>();
  let last = 0;
  return {
    add(userId) {
      turns.delete(userId);
      turns.set(userId, (last += 1));
      const [oldest] = turns.keys();
      if (turns.size > MAX_USERS_REMEMBERED && oldest !== undefined) turns.delete(oldest);
    },
    turnOf: (userId) => turns.get(userId) ?? 0,
  };
}

/** @param passedOver states (`stateOf`) that were tried in vain, or that the index may not yet know to be over */
export async function readRequestWindow(
  table: RequestTable,
  served: ServedUsers,
  {
    actions,
    nowMs,
    passedOver,
  }: { actions: readonly string[]; nowMs: number; passedOver: ReadonlySet<string> },
): Promise<RequestWindow> {
  const isDue = (status: RequestStatus) =>
    compare(status === 'PROCESSING' ? 'LeaseUntil' : 'VisibleAt', '<=', instant(nowMs));
  const isAsked = any(...actions.map((action) => equal('Action', action)));

  async function readStatus(status: RequestStatus): Promise<{ items: Item[]; isWhole: boolean }> {
    const items: Item[] = [];
    let after: Item | undefined;
    let read = 0;
    do {
      const page = await table.query({
        index: 'StatusIndex',
        partition: status,
        filter: all(isAsked, isDue(status)),
        fields: CLAIM_FIELDS,
        limit: ITEMS_A_QUERY,
        after,
      });
      for (const item of page.items) {
        if (isReadable(item, nowMs) && !passedOver.has(stateOf(item))) items.push(item);
      }
      read += ITEMS_A_QUERY;
      after = page.last;
      // What is due may stand behind any number that is not.
    } while (after !== undefined && (read < WINDOW_ITEMS || items.length === 0));
    return { items, isWhole: after === undefined };
  }

  const statuses = await Promise.all(WAITING.map(readStatus));
  const found = statuses
    .flatMap(({ items }) => items)
    .sort((a, b) => compareText(createdAt(a), createdAt(b)));
  const byUser = Map.groupBy(found, (item) => text(item, 'UserID'));
  /** A heap would do for more users than a window has. */
  const users = [...byUser.keys()].sort((a, b) => served.turnOf(a) - served.turnOf(b));
  return {
    isWhole: statuses.every(({ isWhole }) => isWhole),
    take() {
      const user = users.shift();
      const items = user === undefined ? undefined : byUser.get(user);
      const item = items?.shift();
      if (user === undefined || items === undefined || item === undefined) return null;
      served.add(user);
      if (items.length > 0) users.push(user);
      return item;
    },
  };
}

/** Names a state of a request. One that was deleted and ordered anew under its id is another. */
export const stateOf = (item: Item): string =>
  JSON.stringify([text(item, 'RequestID'), text(item, 'CreatedAt'), item['Seq']]);

/** What another program wrote is nobody's work: it waits for its end, and nothing behind it does. */
function isReadable(item: Item, nowMs: number): boolean {
  try {
    fromRequestItem(item);
    return isAlive(item, nowMs);
  } catch {
    return false;
  }
}

const createdAt = (item: Item): string => text(item, 'CreatedAt');
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
