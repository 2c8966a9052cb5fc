import { AppError, isAppError } from '../domain/app-error.ts';
import { isFinal, type AsyncRequest, type ClaimedRequest } from '../domain/request.ts';
import type { ActionRegistry } from './actions/action-registry.ts';
import { freeSlots } from './free-slots.ts';
import type { Ports } from './ports.ts';
import { onLostWrite, runRequest, withFields, type HeldRequest, type RunPorts } from './run-request.ts';

export interface WorkerOptions {
  readonly actions: ActionRegistry;
  /** Requests worked on at once. */
  readonly concurrency: number;
  /** How long a worker that died keeps what it was at; renewed at a third of it while the work goes on. */
  readonly leaseMs: number;
  /** How often to look for work that nobody told of. */
  readonly pollMs?: number | undefined;
  /** How often to look whether what runs was cancelled by another process. */
  readonly watchMs?: number | undefined;
  /** What is let go when the worker stops, since it was ordered longer ago than this, has failed: where workers stop every
   * few minutes, it would be begun for ever. Undefined: it goes on after any number of stops. */
  readonly maxAgeMs?: number | undefined;
}

export interface Worker {
  /** There may be something to do: looks at once. */
  wake(): void;
  /** Once nothing runs, and a look into the queue finds nothing to do. @throws what that look throws */
  idle(): Promise<void>;
  /** Claims nothing more, lets what runs go on for `graceMs`, then aborts it and lets its leases go, so that it goes
   * on elsewhere or after the next start. */
  stop(graceMs: number): Promise<void>;
}

export type WorkerPorts = RunPorts & Pick<Ports, 'hub'>;

const POLL_MS = 1000;
/** Whoever cancels wants to see an end within a second. */
const WATCH_MS = 500;
/** An action that does not heed its abort is not waited for longer than this. */
const ABORT_GRACE_MS = 5000;

/** Claims requests of the registered actions and runs them, a bounded number at once. */
export function startWorker(ports: WorkerPorts, options: WorkerOptions): Worker {
  const { actions, concurrency, leaseMs } = options;
  const { queue, log } = ports;
  const held = new Map<string, HeldRequest>();
  const running = new Set<Promise<void>>();
  let isStopped = false;
  let claiming: Promise<void> | null = null;
  let isWoken = false;
  let onIdle = Promise.withResolvers<void>();
  // Whether anybody waits for it or not.
  onIdle.promise.catch(() => undefined);

  async function claimAll(): Promise<void> {
    do {
      isWoken = false;
      for (;;) {
        const { names, limit } = freeSlots(actions.queued, countByAction(held.values()), concurrency);
        if (isStopped || limit === 0) break;
        const givenUp: AsyncRequest[] = [];
        const claimed = await queue.claim(names, leaseMs, limit, (request) => givenUp.push(request));
        for (const each of claimed) start(each);
        for (const each of givenUp) await giveUp(each);
        if (claimed.length < limit) break;
      }
    } while (isWoken && !isStopped);
  }

  /** Its workers died, each time: none of them could say so. */
  async function giveUp(request: AsyncRequest): Promise<void> {
    const fields = { requestId: request.requestId, action: request.action };
    log.error(fields, 'a request was given up');
    try {
      await actions.queued.get(request.action)?.onGivenUp?.(request);
    } catch (error) {
      log.warn({ ...fields, error }, 'what a request that was given up left could not be cleared away');
    }
  }

  function start(claimed: ClaimedRequest): void {
    const { requestId, action: name } = claimed.request;
    const action = actions.queued.get(name);
    if (action === undefined) throw new Error(`The queue gave a request for "${name}", unasked.`);
    const mine: HeldRequest = {
      claimed,
      lease: claimed.lease,
      ending: new AbortController(),
      giveUpAtMs: options.maxAgeMs === undefined ? undefined : claimed.request.createdAtMs + options.maxAgeMs,
    };
    // The lease of its run before this one has run out, here, under a process that was held up.
    held.get(requestId)?.ending.abort(new AppError('lease_lost', 'The lease ran out.'));
    held.set(requestId, mine);
    const run = runRequest(ports, action, mine)
      .catch((error: unknown) => {
        // The request keeps its lease until that runs out; then it is tried again.
        const fields = { requestId, action: name };
        if (isAppError(error, 'cancelled')) log.info(fields, 'request cancelled');
        else if (isAppError(error, 'lease_lost'))
          log.warn(fields, 'cancelled elsewhere, or taken over: this worker has lost the request');
        else log.error({ ...fields, error }, 'the outcome of a request could not be written');
      })
      .finally(() => {
        running.delete(run);
        if (held.get(requestId) === mine) held.delete(requestId);
        wake();
      });
    running.add(run);
  }

  function wake(): void {
    isWoken = true;
    if (isStopped || claiming !== null) return;
    claiming = claimAll()
      .then(
        () => tellIdle(({ resolve }) => resolve()),
        (error: unknown) => {
          log.error({ error }, 'no request could be claimed');
          tellIdle(({ reject }) => reject(error));
        },
      )
      .finally(() => {
        claiming = null;
        if (isWoken) wake();
      });
  }

  function tellIdle(tell: (waiting: typeof onIdle) => void): void {
    if (running.size > 0 || isWoken) return;
    tell(onIdle);
    onIdle = Promise.withResolvers();
    onIdle.promise.catch(() => undefined);
  }

  /** Ends what runs here and is not this worker's any more. */
  function heed(request: AsyncRequest): void {
    const mine = held.get(request.requestId);
    // What was seen before the claim says nothing.
    if (mine === undefined || request.seq <= mine.claimed.request.seq) return;
    if (request.status === 'CANCELLED') {
      mine.ending.abort(new AppError('cancelled', 'The request was cancelled.'));
    } else if (request.attempt !== mine.claimed.request.attempt) {
      mine.ending.abort(new AppError('lease_lost', 'Another worker has this request.'));
    }
  }

  /** Of each, when its lease was to be renewed last, and how often that is not answered yet. */
  const renewals = new WeakMap<HeldRequest, { beganAtMs: number; underWay: number }>();
  let isLooking = false;

  /** Waits for nothing: a renewal that hangs, or a look, is not to cost the leases of all others. */
  function keepHeld(): void {
    const nowMs = ports.clock();
    for (const each of held.values()) {
      const renewal = renewals.get(each) ?? { beganAtMs: each.claimed.lease.untilMs - leaseMs, underWay: 0 };
      renewals.set(each, renewal);
      if (renewal.underWay > 0 && nowMs >= each.lease.untilMs) {
        each.ending.abort(new AppError('lease_lost', 'The lease ran out.'));
      } else if (nowMs - renewal.beganAtMs >= leaseMs / 3) {
        renewal.beganAtMs = nowMs;
        renewal.underWay += 1;
        void renew(each).finally(() => {
          renewal.underWay -= 1;
        });
      }
    }
  }

  async function renew(each: HeldRequest): Promise<void> {
    try {
      const lease = await queue.renew(each.lease, leaseMs);
      // An earlier one may be answered after a later one.
      if (lease.untilMs > each.lease.untilMs) each.lease = lease;
    } catch (error) {
      const { requestId } = each.claimed.request;
      onLostWrite(ports, each, withFields(log, { requestId }), error);
    }
  }

  async function look(): Promise<void> {
    const ids = [...held.keys()];
    if (ids.length === 0) return;
    const seen = new Map((await queue.findMany(ids)).map((request) => [request.requestId, request]));
    for (const id of ids) {
      const request = seen.get(id);
      if (request !== undefined) heed(request);
      else held.get(id)?.ending.abort(new AppError('lease_lost', 'The request was deleted.'));
    }
  }

  const watch = setInterval(() => {
    keepHeld();
    if (isLooking || held.size === 0) return;
    isLooking = true;
    look()
      .catch((error: unknown) => log.warn({ error }, 'what runs could not be looked up in the queue'))
      .finally(() => {
        isLooking = false;
      });
  }, options.watchMs ?? WATCH_MS);
  const endHeeding = ports.hub.onChange((request) => {
    if (isFinal(request.status)) heed(request);
  });
  const poll = setInterval(wake, options.pollMs ?? POLL_MS);
  wake();

  return {
    wake,
    idle: () => onIdle.promise,
    async stop(graceMs) {
      isStopped = true;
      clearInterval(poll);
      await claiming;
      await settledWithin(running, graceMs);
      for (const { ending } of held.values())
        ending.abort(new AppError('aborted', 'The server is stopping.'));
      await settledWithin(running, ABORT_GRACE_MS);
      clearInterval(watch);
      endHeeding();
    },
  };
}

function countByAction(held: Iterable<HeldRequest>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { claimed } of held) {
    const { action } = claimed.request;
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return counts;
}

async function settledWithin(running: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  if (running.size === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(running), timeout]);
  clearTimeout(timer);
}
