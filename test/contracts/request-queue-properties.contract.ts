import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/app-error.ts';
import { isFinal, type AsyncRequest, type Lease, type RequestQueue } from '../../src/domain/request.ts';
import { newRequest, type OpenQueue } from './request-queue.contract.ts';
import { START_MS } from '../sample-records.ts';

const WORKERS = 3;
const IDS = ['a', 'b', 'c'];
const LEASE_MS = 100;

const step = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('enqueue' as const), id: fc.constantFrom(...IDS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1, 30, 100) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'claim',
        'claim',
        'claim',
        'renew',
        'progress',
        'complete',
        'fail',
        'retry',
        'release',
      ),
      worker: fc.nat(WORKERS - 1),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Several workers, some of them slow, dead or late, on one queue: whatever they do, in whichever order. */
export function describeRequestQueueProperties(name: string, open: OpenQueue, numRuns = 200): void {
  describe(`RequestQueue under random interleavings: ${name}`, () => {
    it('has one lease holder, ends once, and counts every change', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 80, size: 'max' }), async (steps) => {
          let nowMs = START_MS;
          let tokens = 0;
          const opened = await open({ clock: () => nowMs, newId: () => `token-${(tokens += 1)}` });
          const observer = observe(opened.queue);
          // What each worker believes that it has; it may be wrong, as a worker that was asleep is.
          const leases: (Lease | null)[] = Array.from({ length: WORKERS }, () => null);
          try {
            for (const next of steps) {
              if (next.kind === 'wait') nowMs += next.ms;
              else await observer.check(nowMs, () => perform(opened.queue, next, leases, nowMs));
            }
          } finally {
            await opened.close?.();
          }
        }),
        { numRuns },
      );
    });
  });
}

/** What came of a step: the lease that was won, or the one that was written under. */
interface Outcome {
  readonly won?: Lease;
  readonly wroteUnder?: Lease;
  readonly lost?: Lease;
}

async function perform(
  queue: RequestQueue,
  next: Exclude<Step, { kind: 'wait' }>,
  leases: (Lease | null)[],
  nowMs: number,
): Promise<Outcome> {
  if ('id' in next) {
    try {
      await queue.enqueue(newRequest(next.id, { maxRetries: 1 }));
    } catch (error) {
      if (!isAppError(error, 'already_exists')) throw error;
    }
    return {};
  }
  if (next.kind === 'claim') {
    const [claimed] = await queue.claim(['ingest'], LEASE_MS, 1);
    if (claimed === undefined) return {};
    leases[next.worker] = claimed.lease;
    return { won: claimed.lease };
  }
  const lease = leases[next.worker] ?? null;
  if (lease === null) return {};
  const failure = { code: 'internal', message: 'x', retryable: true } as const;
  try {
    if (next.kind === 'renew') {
      const renewed = await queue.renew(lease, LEASE_MS);
      leases[next.worker] = renewed;
      return { wroteUnder: renewed };
    }
    if (next.kind === 'progress')
      await queue.progress(lease, { percentage: nowMs % 100, message: 'on the way' });
    else if (next.kind === 'complete') await queue.complete(lease, {});
    else if (next.kind === 'release') await queue.release(lease);
    else if (next.kind === 'fail') await queue.fail(lease, failure);
    else await queue.fail(lease, failure, nowMs + 50);
    return { wroteUnder: lease };
  } catch (error) {
    if (!isAppError(error, 'lease_lost')) throw error;
    return { lost: lease };
  }
}

/** Compares all requests before and after each step, and remembers who holds what. */
function observe(queue: RequestQueue) {
  const holders = new Map<string, Lease>();
  const readAll = async (): Promise<Map<string, AsyncRequest>> => {
    const found = await Promise.all(IDS.map((id) => queue.find(id)));
    return new Map(found.flatMap((request) => (request === null ? [] : [[request.requestId, request]])));
  };

  return {
    async check(nowMs: number, act: () => Promise<Outcome>): Promise<void> {
      const before = await readAll();
      const { won, wroteUnder, lost } = await act();
      const after = await readAll();

      if (won !== undefined) {
        const holder = holders.get(won.requestId);
        if (holder !== undefined) expect(holder.untilMs).toBeLessThanOrEqual(nowMs);
        holders.set(won.requestId, won);
      }
      if (wroteUnder !== undefined) {
        expect(holders.get(wroteUnder.requestId)?.token).toBe(wroteUnder.token);
        if (after.get(wroteUnder.requestId)?.status === 'PROCESSING') {
          holders.set(wroteUnder.requestId, wroteUnder);
        } else {
          holders.delete(wroteUnder.requestId);
        }
      }
      if (lost !== undefined) {
        expect(holders.get(lost.requestId)?.token).not.toBe(lost.token);
        expect(after).toEqual(before);
      }
      for (const [id, old] of before) {
        const request = after.get(id);
        if (request === undefined) throw new Error('a request vanished');
        if (isFinal(old.status)) expect(request).toEqual(old);
        const isSeen = { ...request, leaseUntilMs: 0, seq: 0 };
        const wasSeen = { ...old, leaseUntilMs: 0, seq: 0 };
        const changed = JSON.stringify(isSeen) !== JSON.stringify(wasSeen);
        if (changed) expect(request.seq).toBe(old.seq + 1);
        else expect(request.seq - old.seq).toBeLessThanOrEqual(1);
        // What the queue gave up by itself is held by nobody.
        if (isFinal(request.status)) holders.delete(id);
        expect(request.status === 'PROCESSING').toBe(holders.has(id));
        expect(request.attempt).toBeLessThanOrEqual(2 * request.maxRetries + 1);
      }
    },
  };
}
