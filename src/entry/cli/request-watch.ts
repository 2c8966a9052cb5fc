import { isFinal, type AsyncRequest, type RequestStatus } from '../../domain/request.ts';
import { LOCAL_CALLER } from '../../services/authenticate.ts';
import { createBoundedCache } from '../../services/bounded-cache.ts';
import { pause } from '../../services/pause.ts';
import type { Ports } from '../../services/ports.ts';
import { listRequests } from '../../services/requests.ts';
import { getNamedRequest } from './named-request.ts';

/** What one look at the queue has found. */
export interface Look {
  /** As they are now: those that are open, the running first, and those that have ended since the look before. */
  readonly requests: readonly AsyncRequest[];
  /** Ids of those that somebody has deleted. */
  readonly lost: readonly string[];
  /** How many are open beside these. */
  readonly more: number;
}

export type LookAtRequests = () => Promise<Look>;

export interface WatchOutcome {
  /** Whether any that was seen FAILED, was CANCELLED or was deleted. */
  readonly hasFailed: boolean;
  readonly isInterrupted: boolean;
}

export interface WatchLoop {
  readonly look: LookAtRequests;
  readonly onLook: (look: Look) => void;
  readonly intervalMs: number;
  /** Goes on when nothing is open. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/** Open ones that are followed one by one; the others are only counted. */
const MAX_FOLLOWED = 100;
const IDS_A_LOOK = 100;
const MAX_ENDED = 1000;
/** The order in which they are worth being shown. */
const OPEN_STATUSES = ['PROCESSING', 'RETRYING', 'PENDING'] as const satisfies readonly RequestStatus[];

/** Looks until nothing is open any more, or `signal` aborts. */
export async function watchUntilEnded(loop: WatchLoop): Promise<WatchOutcome> {
  let hasFailed = false;
  for (;;) {
    const look = await loop.look();
    loop.onLook(look);
    hasFailed ||= look.lost.length > 0 || look.requests.some(hasEndedBadly);
    const isOver = !loop.follow && look.requests.every(({ status }) => isFinal(status));
    if (isOver) return { hasFailed, isInterrupted: false };
    if (!(await pause(loop.intervalMs, loop.signal))) return { hasFailed, isInterrupted: true };
  }
}

const hasEndedBadly = ({ status }: AsyncRequest): boolean => status === 'FAILED' || status === 'CANCELLED';

/** Requests that somebody names; each is looked at until it has ended. @throws not_found at once, naming the id */
export async function lookAtGiven(
  ports: Pick<Ports, 'queue'>,
  ids: readonly string[],
): Promise<LookAtRequests> {
  const open = new Set(ids);
  for (const id of open) await getNamedRequest(ports, id);
  return async () => {
    const { found, lost } = await findAll(ports, [...open]);
    for (const id of lost) open.delete(id);
    for (const { requestId, status } of found) if (isFinal(status)) open.delete(requestId);
    return { requests: inOrder(found), lost, more: 0 };
  };
}

/** All that are open, also those that come meanwhile: a bounded number of them, of which those that run come first. */
export function lookAtOpen(ports: Pick<Ports, 'queue'>): LookAtRequests {
  const followed = new Map<string, AsyncRequest>();
  // A list may be late, and still have what is known to have ended.
  const endedSeq = createBoundedCache<number>(MAX_ENDED);

  function take(request: AsyncRequest): boolean {
    const { requestId, seq } = request;
    if (isFinal(request.status) || seq <= (endedSeq.get(requestId) ?? 0)) return true;
    const known = followed.get(requestId);
    if (known === undefined && followed.size >= MAX_FOLLOWED && !makeRoomFor(request)) return false;
    if (known === undefined || known.seq < seq) followed.set(requestId, request);
    return true;
  }

  function makeRoomFor({ status }: AsyncRequest): boolean {
    if (status === 'PENDING') return false;
    const waiting = [...followed.values()].find((each) => each.status === 'PENDING');
    return waiting !== undefined && followed.delete(waiting.requestId);
  }

  return async () => {
    const { found, lost } = await findAll(ports, [...followed.keys()]);
    for (const id of lost) followed.delete(id);
    const ended = found.filter(({ status }) => isFinal(status));
    for (const { requestId, seq } of ended) {
      followed.delete(requestId);
      endedSeq.set(requestId, seq, 1);
    }
    for (const request of found) take(request);
    let isAll = true;
    for (const status of OPEN_STATUSES) {
      const page = await listRequests(ports, LOCAL_CALLER, { status }, { limit: MAX_FOLLOWED });
      const taken = page.items.map(take);
      isAll &&= page.next === undefined && taken.every(Boolean);
    }
    const more = isAll ? 0 : Math.max(0, (await ports.queue.countOpen()) - followed.size);
    return { requests: inOrder([...ended, ...followed.values()]), lost, more };
  };
}

async function findAll(
  { queue }: Pick<Ports, 'queue'>,
  ids: readonly string[],
): Promise<{ found: AsyncRequest[]; lost: string[] }> {
  const found: AsyncRequest[] = [];
  for (let at = 0; at < ids.length; at += IDS_A_LOOK) {
    found.push(...(await queue.findMany(ids.slice(at, at + IDS_A_LOOK))));
  }
  const there = new Set(found.map(({ requestId }) => requestId));
  return { found, lost: ids.filter((id) => !there.has(id)) };
}

const rankOf = ({ status }: AsyncRequest): number =>
  (OPEN_STATUSES as readonly RequestStatus[]).indexOf(status);

/** Those that have ended, those that run, those that are tried again, those that wait; the oldest first. */
const inOrder = (requests: readonly AsyncRequest[]): AsyncRequest[] =>
  requests.toSorted((one, other) => rankOf(one) - rankOf(other) || one.createdAtMs - other.createdAtMs);
