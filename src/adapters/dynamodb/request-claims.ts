import type { Clock, NewId } from '../../domain/clock.ts';
import type { AsyncRequest, ClaimedRequest } from '../../domain/request.ts';
import { claimed, givenUp, isExhausted } from '../../domain/request-transitions.ts';
import type { Item } from './dynamo-table.ts';
import { fromRequestItem } from './request-item.ts';
import type { RequestTable } from './request-table.ts';
import { createServedUsers, readRequestWindow, stateOf, type RequestWindow } from './request-window.ts';
import type { RequestWrites } from './request-writes.ts';

export interface ClaimOrder {
  readonly actions: readonly string[];
  readonly leaseMs: number;
  readonly limit: number;
  readonly onGivenUp?: ((request: AsyncRequest) => void) | undefined;
}

/** A window serves later claims too, so that to claim a thousand does not read the index a thousand times. */
const WINDOW_LIFETIME_MS = 1000;
const CLAIMS_AT_ONCE = 20;
/** A claim takes no more, and so ends: workers ask again. */
const MAX_CLAIMS = 1000;

interface KeptWindow {
  readonly window: RequestWindow;
  readonly actionsKey: string;
  readonly readAtMs: number;
}

/** Takes what `StatusIndex` names, which is late by some milliseconds, and only as it is named there. */
export function createRequestClaims(
  table: RequestTable,
  writes: RequestWrites,
  { clock, newId }: { clock: Clock; newId: NewId },
): (order: ClaimOrder) => Promise<ClaimedRequest[]> {
  const served = createServedUsers();
  let kept: KeptWindow | null = null;
  /** The claimers of one process take turns, so that they do not all reach for the same. */
  let lastClaim: Promise<unknown> = Promise.resolve();

  /** @returns null when another was faster, or it was given up */
  async function take(item: Item, { leaseMs, onGivenUp }: ClaimOrder): Promise<ClaimedRequest | null> {
    const nowMs = clock();
    const seen = fromRequestItem(item);
    if (isExhausted(seen)) {
      const ended = await giveUp(seen);
      if (ended !== null) onGivenUp?.(ended);
      return null;
    }
    const lease = { requestId: seen.requestId, token: newId(), untilMs: nowMs + leaseMs };
    const taken = await writes.change(item, claimed(seen, nowMs, leaseMs), lease.token);
    return taken === null ? null : { request: fromRequestItem(taken), lease };
  }

  async function giveUp(seen: AsyncRequest): Promise<AsyncRequest | null> {
    // The failures before, which are to be told, are not in the window.
    const item = await writes.read(seen.requestId);
    if (item === null) return null;
    const whole = fromRequestItem(item);
    if (whole.seq !== seen.seq || whole.leaseUntilMs !== seen.leaseUntilMs) return null;
    const ended = givenUp(whole, clock());
    return (await writes.change(item, ended)) === null ? null : ended;
  }

  function keptFor(actionsKey: string, nowMs: number): RequestWindow | null {
    const isFresh =
      kept !== null &&
      kept.actionsKey === actionsKey &&
      nowMs >= kept.readAtMs &&
      nowMs < kept.readAtMs + WINDOW_LIFETIME_MS;
    return isFresh ? (kept?.window ?? null) : null;
  }

  async function claim(order: ClaimOrder): Promise<ClaimedRequest[]> {
    const { actions } = order;
    const limit = Math.min(order.limit, MAX_CLAIMS);
    const actionsKey = JSON.stringify(actions);
    const taken: ClaimedRequest[] = [];
    /** The index may not know yet that these are over. */
    const passedOver = new Set<string>();
    let window = keptFor(actionsKey, clock());
    let isReadNow = false;
    while (taken.length < limit) {
      if (window === null) {
        const readAtMs = clock();
        window = await readRequestWindow(table, served, { actions, nowMs: readAtMs, passedOver });
        kept = { window, actionsKey, readAtMs };
        isReadNow = true;
      }
      const items: Item[] = [];
      while (items.length < Math.min(limit - taken.length, CLAIMS_AT_ONCE)) {
        const item = window.take();
        if (item === null) break;
        items.push(item);
      }
      if (items.length === 0) {
        if (isReadNow && window.isWhole) break;
        // Nothing of it is left: there may be more by now, or behind it.
        window = null;
        continue;
      }
      for (const item of items) passedOver.add(stateOf(item));
      const outcomes = await Promise.allSettled(items.map((item) => take(item, order)));
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled' && outcome.value !== null) taken.push(outcome.value);
      }
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure === undefined) continue;
      kept = null;
      // What was taken is not to wait for the end of its lease; the next claim meets the failure, should it last.
      if (taken.length > 0) break;
      throw failure.reason;
    }
    return taken;
  }

  return (order) => {
    const mine = lastClaim.then(() => claim(order));
    lastClaim = mine.catch(() => undefined);
    return mine;
  };
}
