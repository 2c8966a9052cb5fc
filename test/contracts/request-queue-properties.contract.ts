import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/app-error.ts';
import {
  REQUEST_STATUSES,
  type AsyncRequest,
  type Lease,
  type RequestQueue,
} from '../../src/domain/request.ts';
import { FAILURE, newRequest, type OpenQueue } from './request-queue-harness.ts';
import { isOpen, RequestQueueModel, type ModelRequest, type Refusal } from './request-queue-model.ts';
import { START_MS } from '../sample-records.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const USERS = ['anna', 'ben', 'carl'];
const ACTIONS = ['ingest', 'transcribe'];
const LEASE_MS = 100;
const SEARCH_LIMIT_MS = 200_000;

const id = fc.constantFrom(...IDS);
/** Of the leases that were ever won, one: most of them are old. */
const lease = fc.nat(30);
const kind = <Kind extends string, Rest extends object>(
  name: Kind,
  rest: { [K in keyof Rest]: fc.Arbitrary<Rest[K]> },
) => fc.record({ kind: fc.constant(name), ...rest }) as unknown as fc.Arbitrary<{ kind: Kind } & Rest>;
const status = fc.constantFrom(...REQUEST_STATUSES);
/** Of all pairs, few are moves. */
const move = fc.oneof(
  fc.constant(['PROCESSING', 'PENDING'] as const),
  fc.constantFrom(['FAILED', 'PENDING'] as const, ['PENDING', 'CANCELLED'] as const),
  fc.tuple(status, status),
);
const optional = <Value>(of: readonly Value[]) => fc.option(fc.constantFrom(...of), { nil: undefined });

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: kind('enqueue', {
      requestId: id,
      userId: fc.constantFrom(...USERS),
      action: fc.constantFrom(...ACTIONS),
      maxRetries: fc.nat(2),
    }),
  },
  { weight: 3, arbitrary: kind('wait', { ms: fc.constantFrom(1, 30, 100, 1000) }) },
  {
    weight: 8,
    arbitrary: kind('claim', {
      actions: fc.constantFrom(ACTIONS, ['ingest'], ['transcribe'], ['dance', 'ingest'], []),
      limit: fc.constantFrom(0, 1, 1, 2, 3, 10),
    }),
  },
  { weight: 2, arbitrary: kind('renew', { lease }) },
  { weight: 2, arbitrary: kind('progress', { lease, percentage: fc.nat(100) }) },
  { weight: 2, arbitrary: kind('complete', { lease }) },
  { weight: 3, arbitrary: kind('fail', { lease, retryInMs: optional([0, 50, 500]) }) },
  { weight: 2, arbitrary: kind('release', { lease }) },
  { weight: 3, arbitrary: kind('cancel', { requestId: id }) },
  { weight: 3, arbitrary: kind('retry', { requestId: id }) },
  { weight: 2, arbitrary: kind('updateStatus', { requestId: id, move }) },
  { weight: 1, arbitrary: kind('delete', { requestId: id }) },
  { weight: 1, arbitrary: kind('deleteEnded', { agoMs: fc.constantFrom(0, 100), limit: fc.nat(4) }) },
  {
    weight: 1,
    arbitrary: kind('list', {
      userId: optional(USERS),
      status: optional(REQUEST_STATUSES),
      action: optional(ACTIONS),
      limit: fc.constantFrom(1, 2, 10),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type Of<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>;

export interface PropertyOptions {
  readonly numRuns: number;
  /** Whether users take turns exactly; else a claim may go by what it saw a moment ago. */
  readonly hasExactTurns?: boolean;
}

/** Several workers, some of them slow, dead or late, and others who meddle: whatever they do, in whichever order. */
export function describeRequestQueueProperties(
  name: string,
  open: OpenQueue,
  options: PropertyOptions,
): void {
  const { numRuns, hasExactTurns = true } = options;
  describe(`RequestQueue beside a model: ${name}`, () => {
    it('does what the model does, at every step', async () => {
      const steps = fc.array(step, { minLength: 20, maxLength: 60, size: 'max' });
      // Two instances take part; which of them is asked is part of the sequence.
      const asked = fc.infiniteStream(fc.boolean());
      const property = fc.asyncProperty(steps, asked, async (sequence, isAnother) => {
        let nowMs = START_MS;
        let tokens = 0;
        const opened = await open({ clock: () => nowMs, newId: () => `token-${(tokens += 1)}` });
        try {
          const pair = [opened.queue, opened.openAnother()] as const;
          const run = createRun(new RequestQueueModel(), hasExactTurns);
          let queue: RequestQueue = pair[0];
          for (const next of sequence) {
            if (next.kind === 'wait') nowMs += next.ms;
            const before = queue;
            queue = isAnother.next().value === true ? pair[1] : pair[0];
            // What two instances do in one millisecond has an order, but not one that they know of.
            if (queue !== before) nowMs += 1;
            await run.perform(queue, next, nowMs);
            await run.compare(isAnother.next().value === true ? pair[1] : pair[0]);
          }
        } finally {
          await opened.close?.();
        }
      });
      // Where the search for the smallest counterexample takes too long, the smallest so far is told.
      await fc.assert(property, {
        numRuns,
        interruptAfterTimeLimit: SEARCH_LIMIT_MS,
        markInterruptAsFailure: true,
      });
    });
  });
}

function createRun(model: RequestQueueModel, hasExactTurns: boolean) {
  const leases: Lease[] = [];

  async function claim(queue: RequestQueue, { actions, limit }: Of<'claim'>, nowMs: number): Promise<void> {
    const waiting = model.claimable(actions, nowMs);
    const all = [...waiting.values()].flat();
    const good = all.filter((request) => !model.isExhausted(request));
    const givenUp: AsyncRequest[] = [];
    const claims = await queue.claim(actions, LEASE_MS, limit, (request) => givenUp.push(request));

    expect(claims.length).toBe(Math.min(limit, good.length));
    for (const { requestId } of givenUp) {
      expect(all.filter(model.isExhausted).map((request) => request.requestId)).toContain(requestId);
      model.giveUp(requestId, nowMs);
    }
    if (claims.length < limit) expect(givenUp).toHaveLength(all.length - good.length);

    const left = Map.groupBy(good, ({ userId }) => userId);
    for (const { request, lease: won } of claims) {
      const { requestId, userId } = request;
      expect(won).toEqual({ requestId, token: won.token, untilMs: nowMs + LEASE_MS });
      const ofUser = left.get(userId) ?? [];
      if (hasExactTurns) {
        expect(ofUser[0]?.requestId).toBe(requestId);
        for (const user of left.keys()) {
          expect(model.turnOf(userId)).toBeLessThanOrEqual(model.turnOf(user));
        }
      }
      expect(ofUser.map((one) => one.requestId)).toContain(requestId);
      const rest = ofUser.filter((one) => one.requestId !== requestId);
      if (rest.length > 0) left.set(userId, rest);
      else left.delete(userId);
      model.claim(requestId, won.token, won.untilMs);
      leases.push(won);
      expect(toModel(request)).toEqual(model.list().find((one) => one.requestId === requestId));
    }
  }

  async function list(queue: RequestQueue, { limit, kind: _, ...filter }: Of<'list'>): Promise<void> {
    const found: AsyncRequest[] = [];
    for (let page = await queue.list(filter, { limit }); ;) {
      expect(page.items.length).toBeLessThanOrEqual(limit);
      found.push(...page.items);
      if (page.next === undefined) break;
      page = await queue.list(filter, { limit, after: page.next });
    }
    expect(found.map(toModel)).toEqual(model.list(filter));
  }

  async function deleteEnded(
    queue: RequestQueue,
    { agoMs, limit }: Of<'deleteEnded'>,
    nowMs: number,
  ): Promise<void> {
    const old = model.list().filter(({ endedAtMs }) => (endedAtMs ?? Infinity) < nowMs - agoMs);
    expect(await queue.deleteEnded(nowMs - agoMs, limit)).toBe(Math.min(limit, old.length));
    const left = new Set((await queue.findMany(IDS)).map(({ requestId }) => requestId));
    const gone = old.filter(({ requestId }) => !left.has(requestId));
    expect(gone).toHaveLength(Math.min(limit, old.length));
    for (const { requestId } of gone) model.delete(requestId);
  }

  /** What both say to a step that is refused or not. */
  async function both(queue: RequestQueue, next: Step, nowMs: number): Promise<void> {
    if (next.kind === 'enqueue') {
      const { kind: _, ...made } = next;
      return same(queue.enqueue(newRequest(made.requestId, made)), model.enqueue(made, nowMs));
    }
    if (next.kind === 'cancel')
      return same(queue.cancel(next.requestId), model.cancel(next.requestId, nowMs));
    if (next.kind === 'retry') return same(queue.retry(next.requestId), model.retry(next.requestId, nowMs));
    if (next.kind === 'updateStatus') {
      const { requestId, move } = next;
      const [from, to] = move;
      return same(queue.updateStatus(requestId, from, to), model.updateStatus(requestId, from, to, nowMs));
    }
    if (!('lease' in next)) return;
    const held = leases.at(-1 - (next.lease % Math.max(1, leases.length)));
    if (held === undefined) return;
    const { token } = held;
    switch (next.kind) {
      case 'renew':
        return same(queue.renew(held, LEASE_MS), model.renew(token, nowMs + LEASE_MS));
      case 'progress': {
        const { percentage } = next;
        return same(queue.progress(held, { percentage, message: '' }), model.progress(token, percentage));
      }
      case 'complete':
        return same(queue.complete(held, { nowMs }), model.complete(token, { nowMs }, nowMs));
      case 'fail': {
        const retryAtMs = next.retryInMs === undefined ? undefined : nowMs + next.retryInMs;
        return same(queue.fail(held, FAILURE, retryAtMs), model.fail(token, retryAtMs, nowMs));
      }
      case 'release':
        return same(queue.release(held), model.release(token, nowMs));
    }
  }

  async function same(done: Promise<AsyncRequest | Lease>, refusal: Refusal | null): Promise<void> {
    try {
      const outcome = await done;
      expect(refusal).toBeNull();
      if (!('status' in outcome)) return;
      expect(toModel(outcome)).toEqual(model.list().find((one) => one.requestId === outcome.requestId));
    } catch (error) {
      if (refusal === null || !isAppError(error, refusal)) throw error;
    }
  }

  return {
    async perform(queue: RequestQueue, next: Step, nowMs: number): Promise<void> {
      if (next.kind === 'claim') return claim(queue, next, nowMs);
      if (next.kind === 'list') return list(queue, next);
      if (next.kind === 'deleteEnded') return deleteEnded(queue, next, nowMs);
      if (next.kind === 'delete') {
        await queue.delete(next.requestId);
        return model.delete(next.requestId);
      }
      return both(queue, next, nowMs);
    },

    async compare(queue: RequestQueue): Promise<void> {
      const byId = (a: ModelRequest, b: ModelRequest) => (a.requestId < b.requestId ? -1 : 1);
      const expected = model.list();
      expect((await queue.findMany(IDS)).map(toModel).sort(byId)).toEqual([...expected].sort(byId));
      const tally = await queue.tallyOpen();
      const open = expected.filter(isOpen);
      expect(tally.reduce((sum, { count }) => sum + count, 0)).toBe(open.length);
      for (const { action, status: of, count } of tally) {
        expect(count).toBe(open.filter((one) => one.action === action && one.status === of).length);
      }
    },
  };
}

const toModel = (request: AsyncRequest): ModelRequest => ({
  requestId: request.requestId,
  userId: request.userId,
  action: request.action,
  maxRetries: request.maxRetries,
  status: request.status,
  progress: request.progress,
  retryCount: request.retryCount,
  attempt: request.attempt,
  seq: request.seq,
  visibleAtMs: request.visibleAtMs,
  leaseUntilMs: request.leaseUntilMs,
  endedAtMs: request.endedAtMs,
  result: request.result,
  told: (request.error?.attempts ?? []).map(({ attempt }) => attempt),
});
