import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../../../test/memory-ports.ts';
import type { AsyncRequest, ClaimedRequest } from '../../domain/request.ts';
import type { Ports } from '../../services/ports.ts';
import { lookAtGiven, lookAtOpen, watchUntilEnded, type Look } from './request-watch.ts';

const LEASE_MS = 10_000;

let ports: Ports;
let nowMs: number;
beforeEach(() => {
  nowMs = 1_700_000_000_000;
  ports = createMemoryPorts({ clock: () => (nowMs += 1) });
});

const enqueue = (requestId: string, tenantId = 'default'): Promise<AsyncRequest> =>
  ports.queue.enqueue({ requestId, action: 'ingest', payload: {}, userId: 'anna', tenantId, maxRetries: 3 });

async function claimOne(): Promise<ClaimedRequest> {
  const [claimed] = await ports.queue.claim(['ingest'], LEASE_MS, 1);
  if (claimed === undefined) throw new Error('There was nothing to claim.');
  return claimed;
}

const idsOf = ({ requests }: Look): string[] => requests.map(({ requestId }) => requestId);
const statesOf = ({ requests }: Look): string[] =>
  requests.map(({ requestId, status }) => `${requestId} ${status}`);

describe('looking at all that is open', () => {
  it('sees what comes meanwhile, and each end once', async () => {
    const look = lookAtOpen(ports);
    expect(await look()).toEqual({ requests: [], lost: [], more: 0 });
    await enqueue('one');
    const { lease } = await claimOne();
    await enqueue('two');
    expect(statesOf(await look())).toEqual(['one PROCESSING', 'two PENDING']);
    await ports.queue.complete(lease, null);
    expect(statesOf(await look())).toEqual(['one COMPLETED', 'two PENDING']);
    expect(statesOf(await look())).toEqual(['two PENDING']);
    await ports.queue.delete('two');
    expect(await look()).toEqual({ requests: [], lost: ['two'], more: 0 });
  });

  it('follows a bounded number, those that run first, and counts the others', async () => {
    for (let at = 0; at < 150; at += 1) await enqueue(`request-${at}`);
    const look = lookAtOpen(ports);
    const before = await look();
    expect(before.requests).toHaveLength(100);
    expect(before.more).toBe(50);
    // The oldest, of which a list of the newest knows nothing.
    const { request } = await claimOne();
    expect(idsOf(before)).not.toContain(request.requestId);
    const after = await look();
    expect(idsOf(after)[0]).toBe(request.requestId);
    expect(after.requests).toHaveLength(100);
    expect(after.more).toBe(50);
  });

  it('does not take up again what a late list still has', async () => {
    const { requestId } = await enqueue('one');
    const stale = await ports.queue.list({ tenantId: 'default' }, { limit: 10 });
    const late: Ports = { ...ports, queue: { ...ports.queue, list: async () => stale } };
    const look = lookAtOpen(late);
    await look();
    await ports.queue.cancel(requestId);
    expect(statesOf(await look())).toEqual(['one CANCELLED']);
    expect(statesOf(await look())).toEqual([]);
  });

  it('sees nothing of other tenants', async () => {
    await enqueue('theirs', 'neighbours');
    expect(idsOf(await lookAtOpen(ports)())).toEqual([]);
  });
});

describe('looking at requests by their ids', () => {
  it('refuses one that there is not, by name, those of other tenants alike', async () => {
    await enqueue('one');
    await enqueue('theirs', 'neighbours');
    const refused = (id: string) =>
      expect(lookAtGiven(ports, ['one', id])).rejects.toMatchObject({
        code: 'not_found',
        message: `There is no request ${id}.`,
      });
    await refused('nothing');
    await refused('theirs');
  });

  it('looks at each until it has ended, and says which were deleted', async () => {
    for (const id of ['one', 'two', 'three']) await enqueue(id);
    const look = await lookAtGiven(ports, ['one', 'two', 'three']);
    await ports.queue.cancel('one');
    expect(statesOf(await look())).toEqual(['one CANCELLED', 'two PENDING', 'three PENDING']);
    await ports.queue.delete('two');
    const after = await look();
    expect(statesOf(after)).toEqual(['three PENDING']);
    expect(after.lost).toEqual(['two']);
  });
});

describe('watching', () => {
  const watch = async (change: (at: number) => Promise<unknown>, follow = false) => {
    const stopping = new AbortController();
    let looks = 0;
    const queued = lookAtOpen(ports);
    const outcome = await watchUntilEnded({
      look: async () => {
        await change(looks);
        looks += 1;
        if (looks === 10) stopping.abort();
        return queued();
      },
      onLook: () => undefined,
      intervalMs: 1,
      follow,
      signal: stopping.signal,
    });
    return { ...outcome, looks };
  };

  it('ends when all have ended, and tells whether any failed', async () => {
    await enqueue('one');
    const { lease } = await claimOne();
    const completed = await watch(async (at) => at === 2 && ports.queue.complete(lease, null));
    expect(completed).toEqual({ hasFailed: false, isInterrupted: false, looks: 3 });
    await enqueue('two');
    const cancelled = await watch(async (at) => at === 1 && ports.queue.cancel('two'));
    expect(cancelled).toEqual({ hasFailed: true, isInterrupted: false, looks: 2 });
  });

  it('goes on until it is interrupted when it follows', async () => {
    const outcome = await watch(async (at) => at === 5 && enqueue('late'), true);
    expect(outcome).toEqual({ hasFailed: false, isInterrupted: true, looks: 10 });
  });
});
